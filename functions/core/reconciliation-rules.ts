import { fingerprintOf, type Instance } from './instance.ts';
import type { UploadMark } from './ports.ts';
import { instancesToUpload } from './quality/localizers.ts';
import type { FindingKind } from './reconciliation.ts';
import { retry } from './retry.ts';
import { type CompleteSeries, type DoneSeries, isFinal, judgedFingerprint, type Series } from './series.ts';
import type { Source } from './source.ts';
import { type Instant, secondsBetween } from './time.ts';

/** The sweep looks every minute; a series that is so long past its time is not looked after. */
const STANDSTILL_SECONDS = 15 * 60;

/** What is younger than `minAgeSeconds` may still be on its way: nothing is concluded from it. */
export function isSettled(at: Instant, minAgeSeconds: number, now: Instant): boolean {
  return secondsBetween(at, now) >= minAgeSeconds;
}

/** Whether the sweep does not look after the series, though it should. */
export function judgeStandstill(series: Series, now: Instant): FindingKind | undefined {
  if (series.dueAt === undefined) return isFinal(series) ? undefined : 'never_due';
  return secondsBetween(series.dueAt, now) > STANDSTILL_SECONDS ? 'stands_still' : undefined;
}

/** Whether Qure has another set than the one that we hold: by the judgement, or by its receipts. */
export function judgeSet(
  series: Series,
  instances: readonly Instance[],
  marks: readonly UploadMark[],
  source: Pick<Source, 'delivery' | 'localizers'>,
): FindingKind | undefined {
  const judged = judgedFingerprint(series);
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
function newestCount(marks: readonly UploadMark[]): number {
  return Math.max(0, ...marks.map(({ heldInstances }) => heldInstances ?? 0));
}

/**
 * The rows whose objects must still be there. What Qure has, and what nobody uploads, hospitals may take away; what is being
 * computed or done needs nothing more, and neither does what no product takes. What expires by the rule of its source while
 * its series waits in line, for its source's budget or for a person is not lost: taking its row out would send the rest of the
 * series to Qure as a whole one. With its row the upload finds it missing, and the series fails.
 */
export function rowsInNeed(
  series: Series,
  instances: readonly Instance[],
  marks: readonly UploadMark[],
  source: Pick<Source, 'delivery' | 'localizers' | 'retention'>,
  now: Instant,
): Instance[] {
  if (source.delivery === 'external') return [];
  const needed = instancesToUpload(instances, source);
  switch (series.state) {
    case 'RECEIVING':
      return notUploaded(needed, marks);
    case 'COMPLETE':
    case 'UPLOADING':
    case 'FAILED':
      return notUploaded(needed, marks).filter((row) => !isExpired(row, source.retention, now));
    case 'COMPUTING':
    case 'DONE':
    case 'SKIPPED':
    case 'UNSUPPORTED':
      return [];
    default:
      return series satisfies never;
  }
}

function notUploaded(instances: readonly Instance[], marks: readonly UploadMark[]): Instance[] {
  const uploaded = new Set(marks.flatMap(({ registered }) => registered.map(fileKey)));
  return instances.filter(
    ({ sopInstanceUid, object }) => !uploaded.has(fileKey({ sopInstanceUid, etag: object.etag })),
  );
}

/** S3 expires an object at the midnight (UTC) after its days at the earliest, and keeps its content for some time yet. */
function isExpired({ object, indexedAt }: Instance, retention: Source['retention'], now: Instant): boolean {
  const droppedAt = object.lastModified ?? indexedAt;
  return retention?.scanDays !== undefined && secondsBetween(droppedAt, now) >= retention.scanDays * 86_400;
}

function fileKey({ sopInstanceUid, etag }: { sopInstanceUid: string; etag: string }): string {
  return `${sopInstanceUid} ${etag}`;
}

/**
 * A series whose results Qure may have computed of fewer instances than we hold goes to Qure again as a whole: in a new upload
 * round, since the marks of this one are not to be trusted, so that no call is made before a new receipt shows every instance;
 * and in a new generation, since Qure accepts one only once and answers "already pushed" to a repetition. It is due at
 * once: the sweep sends its message.
 */
export function computeAnew(series: DoneSeries, source: Source, now: Instant): CompleteSeries | undefined {
  const outcome = retry(series, { recompute: true }, source, now);
  if (outcome.kind === 'refused') return undefined;
  return { ...outcome.series, uploadRound: series.uploadRound + 1, dueAt: now };
}
