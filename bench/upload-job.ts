/** What a child process is told to upload, as JSON in its first argument. */
export interface UploadJob {
  contender: 'ours' | 'naive' | 'pipe';
  s3Url: string;
  qureUrl: string;
  seriesInstanceUid: string;
  /** A JSON file with the instances. */
  instancesPath: string;
}

/** What the child writes to its output. Bytes are the peak above what the process held before the upload. */
export interface UploadMeasure {
  seconds: number;
  rssGrowthBytes: number;
  heapGrowthBytes: number;
}
