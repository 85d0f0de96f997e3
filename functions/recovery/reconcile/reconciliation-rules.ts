import { instancesToUpload } from '../../completion/localizers.ts';
import type { UploadRecord } from '../../delivery/upload-records.ts';
import { notRegistered } from '../../delivery/upload-records.ts';
import { fingerprintOf, type Instance } from '../../instances/instance.ts';
import { retry } from '../../series/retry.ts';
import {
  type CompleteSeries,
  completedFingerprint,
  type DoneSeries,
  isFinal,
  type Series,
} from '../../series/series.ts';
import { type Instant, secondsBetween } from '../../shared/time.ts';
import { isPastRetention } from '../../sources/row-expiry.ts';
import type { Source } from '../../sources/source.ts';
import type { FindingKind } from './reconciliation.ts';

/** The sweep runs every minute. A series that is overdue for this long is not handled by it. */
const STUCK_SECONDS = 15 * 60;

/** Whether it is at least `minAgeSeconds` old. The messages of younger changes may not be processed yet. */
export function isOldEnough(at: Instant, minAgeSeconds: number, now: Instant): boolean {
  return secondsBetween(at, now) >= minAgeSeconds;
}

/** Whether the sweep misses the series: it has no `dueAt`, or is long overdue. */
export function judgeSchedule(series: Series, now: Instant): FindingKind | undefined {
  if (series.dueAt === undefined) return isFinal(series) ? undefined : 'not_scheduled';
  return secondsBetween(series.dueAt, now) > STUCK_SECONDS ? 'stuck' : undefined;
}

/** Whether the rows of a series differ from the set that was judged complete, or from Qure's receipts. */
export function judgeSet(
  series: Series,
  instances: readonly Instance[],
  marks: readonly UploadRecord[],
  source: Pick<Source, 'delivery' | 'localizers'>,
): FindingKind | undefined {
  const judged = completedFingerprint(series);
  if (judged === undefined) return undefined;
  if (judged !== fingerprintOf(instances)) return 'set_differs';
  // Only what this pipeline uploads leaves receipts.
  if (source.delivery === 'external') return undefined;
  const isPastUpload = series.state === 'COMPUTING' || series.state === 'DONE';
  return isPastUpload && newestCount(marks) < instancesToUpload(instances, source).length
    ? 'receipt_short'
    : undefined;
}

/** Counts only grow within a round, and receipts come in any order. */
function newestCount(marks: readonly UploadRecord[]): number {
  return Math.max(0, ...marks.map(({ instancesAtQure }) => instancesAtQure ?? 0));
}

/**
 * The rows whose objects must still exist: those that are still to be uploaded. Objects that Qure has received may be deleted.
 *
 * An object that expires by the retention of its source, while its series waits, keeps its row. Without the row the rest of
 * the series would go to Qure as a complete one; with it the upload finds the object missing, and the series fails.
 */
export function neededRows(
  series: Series,
  instances: readonly Instance[],
  marks: readonly UploadRecord[],
  source: Pick<Source, 'delivery' | 'localizers' | 'retention'>,
  now: Instant,
): Instance[] {
  if (source.delivery === 'external') return [];
  const needed = instancesToUpload(instances, source);
  switch (series.state) {
    case 'RECEIVING':
    case 'COMPLETE':
    case 'UPLOADING':
    case 'FAILED':
      return notRegistered(marks, needed).filter(
        ({ object, indexedAt }) => !isPastRetention(object.lastModified ?? indexedAt, source.retention, now),
      );
    case 'COMPUTING':
    case 'DONE':
    case 'SKIPPED':
    case 'UNSUPPORTED':
      return [];
    default:
      return series satisfies never;
  }
}

/**
 * Sends a series to Qure again as a whole, because Qure may have computed its results from fewer instances than the index has.
 * It needs a new upload round: the upload marks of the present one are wrong, and without them no compute call is made before
 * a new receipt counts every instance. It needs a new generation: Qure accepts a generation only once, and answers "already
 * pushed" to a repetition. It is due at once, so the sweep sends its message.
 */
export function recomputeInNewRound(
  series: DoneSeries,
  source: Source,
  now: Instant,
): CompleteSeries | undefined {
  const outcome = retry(series, { recompute: true }, source, now);
  if (outcome.kind === 'refused' || outcome.series.state !== 'COMPLETE') return undefined;
  return { ...outcome.series, uploadRound: series.uploadRound + 1, dueAt: now };
}
