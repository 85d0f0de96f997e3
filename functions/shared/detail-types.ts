const SERIES_DETAIL_TYPES = [
  'Series Complete',
  'Series Computing',
  'Series Done',
  'Series Skipped',
  'Series Unsupported',
  'Series Failed',
  'Series Superseded',
] as const;

export type SeriesDetailType = (typeof SERIES_DETAIL_TYPES)[number];

/** Every kind of event that the pipeline publishes. */
export const DETAIL_TYPES = [...SERIES_DETAIL_TYPES, 'Model Version Changed', 'Object Quarantined'] as const;

export type DetailType = (typeof DETAIL_TYPES)[number];
