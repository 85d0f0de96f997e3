import { createHash } from 'node:crypto';
import type { SeriesId } from '../../instances/series-id.ts';
import type { Instant } from '../../shared/time.ts';

/**
 * The one table. Rows of a series share its partition:
 *
 * | pk                          | sk                      | row                                       |
 * | --------------------------- | ----------------------- | ----------------------------------------- |
 * | `<source>#<series UID>`     | `SERIES`                | the series                                |
 * | `<source>#<series UID>`     | `I#<SOPInstanceUID>`    | an instance                               |
 * | `<source>#<series UID>`     | `U#<round>#<hash>`      | what one upload request registered        |
 * | `<source>#<series UID>`     | `R#<generation>#<SOP>`  | the answer for one instance of an X-ray   |
 * | `<source>#<series UID>`     | `A#<time>#<id>`         | what a person has done with it            |
 * | `<source>#<series UID>`     | `ARCHIVE#<id>`          | an archive has instances of the series    |
 * | `AUDIT#<day>`               | `<time>#<id>`           | what a person has done                    |
 * | `<source>#<series UID>`     | `J#<fingerprint>`       | which instances a judged set has          |
 * | `<source>#<series UID>`     | `PATIENT`               | name and ID of the patient, encrypted; only with `phi: show` |
 * | `QUARANTINE#<id>`           | `OBJECT`                | an object that cannot be indexed          |
 * | `MARKER#<source>`           | `<id>`                  | a `_COMPLETE` marker                      |
 * | `MARKER#<source>`           | `<id>#PROGRESS`         | how far the check of a marker has come    |
 * | `ARCHIVE#<source>`          | `<id>`                  | a content of an archive, and how far it is indexed |
 * | `ARCHIVE#<source>`          | `<id>#<etag>#<part>`    | the series of a part of an archive        |
 * | `SOURCE#<name>`             | `STATE`                 | its limits in use, and whether it is stopped |
 * | `SOURCE#<name>`             | `MODEL#<use case>`      | the model version of the last results     |
 * | `SOURCE#<name>`             | `SENDER#<hash>`         | how long a sender is silent inside its series |
 * | `SOURCE#<name>`             | `COMPUTING#<product>`   | how long Qure has computed of late        |
 * | `WORKSPACE#<hash>`          | `<UID>`                 | which source has brought it there         |
 * | `ACCESSION#<hash>`          | `<source>#<study UID>`  | a study has this accession number         |
 * | `INGEST`                    | `WATERMARK`             | up to when the S3 events are handled      |
 * | `RECONCILE`                 | `PASS`                  | where the comparison of everything stands |
 * | `RECONCILE#MISSING`         | `<series pk>#<SOP>`     | a row whose object was not found          |
 *
 * The index attributes (`dueShard`, `dueAt`, `state`, `sourceAndState`, `changedAt`, `studyInstanceUid`, `seriesInstanceUid`, `source`)
 * stand at the top level of series rows alone (`state` and `changedAt` also of quarantine rows), so that an instance
 * costs one write and no index entry.
 */
export const SERIES_ROW = 'SERIES';
export const INSTANCE_PREFIX = 'I#';
export const UPLOAD_PREFIX = 'U#';
export const INSTANCE_RESULT_PREFIX = 'R#';
export const ACTION_PREFIX = 'A#';
export const ARCHIVE_PREFIX = 'ARCHIVE#';
export const JUDGED_SET_PREFIX = 'J#';
export const PATIENT_ROW = 'PATIENT';

export const DUE_INDEX = 'byDue';
export const STATE_INDEX = 'byState';
export const SOURCE_STATE_INDEX = 'bySourceState';
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
  [SOURCE_STATE_INDEX]: { partitionKey: 'sourceAndState', sortKey: 'changedAt' },
  [STUDY_INDEX]: { partitionKey: 'studyInstanceUid', sortKey: 'seriesInstanceUid' },
  [SERIES_INDEX]: { partitionKey: 'seriesInstanceUid', sortKey: 'source' },
} as const;

/**
 * A partition of an index takes 1,000 write units a second, and slows the writes of the table itself beyond that. So each key is
 * spread over shards, by a hash of the key of the row, and readers ask all of them. `numbers` may grow at any time: a row keeps
 * its shard until it is written again. They must never become less.
 *
 * - `byDue`: an X-ray writes 14 to 18 units, by how its steps fall into minutes, so 32 shards take 1,700 series a second; each sweep
 *   makes 32 queries.
 * - `byState`, `bySourceState`: a series writes 2 units in each state, so 4 shards take 2,000 series a second, and 4,000 objects
 *   in quarantine. A list of all states makes 40 queries.
 *
 * The quota of a table (40,000 units a second) ends at 600 X-rays a second (`npm run bench -- scale`).
 */
const SHARDS = { due: 32, state: 4 } as const;

export function seriesPk(id: SeriesId): string {
  return `${id.source}#${id.seriesInstanceUid}`;
}

export const DUE_SHARDS: readonly string[] = Array.from({ length: SHARDS.due }, (_, shard) => String(shard));

export function dueShardOf(id: SeriesId): string {
  return String(shardOf(seriesPk(id), SHARDS.due));
}

/**
 * When the sweep looks after a series: with the full minute, as the sweep runs. A series that is put off within a minute, as by
 * each batch of its instances, then keeps its place in the index, which costs nothing.
 */
export function dueMinuteOf(dueAt: Instant): Instant {
  return new Date(Math.ceil(Date.parse(dueAt) / 60_000) * 60_000).toISOString();
}

/** What stands before the parts that a key of an index adds. No state and no name of a source has it. */
const SHARD_MARK = '#';

/** The first shard has the key alone, as had all rows before there were shards. */
export function shardsOf(key: string): string[] {
  return Array.from({ length: SHARDS.state }, (_, shard) => withShard(key, shard));
}

/** The shard of a key that the row with this partition key belongs to. */
export function shardedKey(key: string, pk: string): string {
  return withShard(key, shardOf(pk, SHARDS.state));
}

/**
 * Series that are `DONE` have partitions by whether their result is critical, so that a list of the critical ones reads no others.
 * Versions before wrote `DONE` for both.
 */
export const DONE_KEYS = {
  critical: `DONE${SHARD_MARK}critical`,
  other: `DONE${SHARD_MARK}other`,
  earlier: 'DONE',
} as const;

/** A state without what follows it in a key. */
export function stateOfKey(sharded: string): string {
  return sharded.split(SHARD_MARK, 1)[0] ?? '';
}

export function sourceAndState(source: string, state: string): string {
  return `${source}:${state}`;
}

function withShard(key: string, shard: number): string {
  return shard === 0 ? key : key + SHARD_MARK + shard;
}

function shardOf(pk: string, shards: number): number {
  return (createHash('sha256').update(pk).digest()[0] ?? 0) % shards;
}

/** Source names hold no `#` (sources-document.ts). */
export function seriesIdOfPk(pk: string): SeriesId {
  const at = pk.indexOf('#');
  return { source: pk.slice(0, at), seriesInstanceUid: pk.slice(at + 1) };
}
