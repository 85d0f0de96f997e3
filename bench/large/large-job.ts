/** What a function does with an object. `archive`: a tar with one large entry, which is read for its CRC-32. */
export type LargeStage = 'index' | 'upload' | 'archive' | 'entry' | 'asset';

/** What a child process is told, as JSON in its first argument. */
export interface LargeJob {
  stage: LargeStage;
  sizeBytes: number;
  /** Worked on before, so that what every object needs is loaded. */
  warmUpBytes: number;
  s3Url: string;
  qureUrl: string;
  assetUrl: string;
  seriesInstanceUid: string;
}

/** What the child writes to its output. Bytes are the peak above what the process held before. */
export interface LargeMeasure {
  seconds: number;
  rssGrowthBytes: number;
  heapGrowthBytes: number;
}

export const dicomKey = (sizeBytes: number) => `bench/${sizeBytes}.dcm`;
export const tarKey = (sizeBytes: number) => `bench/${sizeBytes}.tar`;
