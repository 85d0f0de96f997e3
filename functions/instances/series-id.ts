export interface SeriesId {
  source: string;
  seriesInstanceUid: string;
}
