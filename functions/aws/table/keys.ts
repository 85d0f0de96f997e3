import { createHash } from 'node:crypto';
import type { SeriesId } from '../../instances/series-id.ts';

/**
 * The one table. Rows of a series share its partition:
 *
 * | pk                          | sk                      | row                                       |
 * | --------------------------- | ----------------------- | ----------------------------------------- |
 * | `<source>#<series UID>`     | `SERIES`                | the series                                |
 * | `<source>#<series UID>`     | `I#<SOPInstanceUID>`    | an instance                               |
 * | `<source>#<series UID>`     | `U#<round>#<hash>`      | what one upload request registered        |
 * | `<source>#<series UID>`     | `R#<generation>#<SOP>`  | the answer for one instance of an X-ray   |
 * | `QUARANTINE#<id>`           | `OBJECT`                | an object that cannot be indexed          |
 * | `MARKER#<source>`           | `<id>`                  | a `_COMPLETE` marker                      |
 * | `MARKER#<source>`           | `<id>#PROGRESS`         | how far the check of a marker has come    |
 * | `SOURCE#<name>`             | `STATE`                 | its limits in use, and whether it is stopped |
 * | `SOURCE#<name>`             | `MODEL#<use case>`      | the model version of the last results     |
 * | `WORKSPACE#<hash>`          | `<UID>`                 | which source has brought it there         |
 * | `INGEST`                    | `WATERMARK`             | up to when the S3 events are handled      |
 * | `RECONCILE`                 | `PASS`                  | where the comparison of everything stands |
 * | `RECONCILE#MISSING`         | `<series pk>#<SOP>`     | a row whose object was not found          |
 *
 * The index attributes (`dueShard`, `dueAt`, `state`, `changedAt`, `studyInstanceUid`, `seriesInstanceUid`, `source`)
 * stand at the top level of series rows alone (`state` and `changedAt` also of quarantine rows), so that an instance
 * costs one write and no index entry.
 */
export const SERIES_ROW = 'SERIES';
export const INSTANCE_PREFIX = 'I#';
export const UPLOAD_PREFIX = 'U#';
export const INSTANCE_RESULT_PREFIX = 'R#';

export const DUE_INDEX = 'byDue';
export const STATE_INDEX = 'byState';
export const STUDY_INDEX = 'byStudy';
export const SERIES_INDEX = 'bySeries';

/**
 * The indexes, by name, with their partition and sort keys (all strings, keys only). Series rows alone have these
 * attributes (quarantine rows those of the state); instance rows name theirs otherwise: they are by far the most, and each
 * would cost a write per index.
 */
export const INDEXES = {
  /** What the sweep looks at: the series that are due, oldest first. */
  [DUE_INDEX]: { partitionKey: 'dueShard', sortKey: 'dueAt' },
  [STATE_INDEX]: { partitionKey: 'state', sortKey: 'changedAt' },
  [STUDY_INDEX]: { partitionKey: 'studyInstanceUid', sortKey: 'seriesInstanceUid' },
  [SERIES_INDEX]: { partitionKey: 'seriesInstanceUid', sortKey: 'source' },
} as const;

/** Spreads the due series over partitions; each sweep asks all of them. */
export const DUE_SHARDS = ['0', '1', '2', '3'] as const;

export function seriesPk(id: SeriesId): string {
  return `${id.source}#${id.seriesInstanceUid}`;
}

export function dueShardOf(id: SeriesId): string {
  const byte = createHash('sha256').update(seriesPk(id)).digest()[0] ?? 0;
  return String(byte % DUE_SHARDS.length);
}

/** Source names hold no `#` (sources-document.ts). */
export function seriesIdOfPk(pk: string): SeriesId {
  const at = pk.indexOf('#');
  return { source: pk.slice(0, at), seriesInstanceUid: pk.slice(at + 1) };
}
