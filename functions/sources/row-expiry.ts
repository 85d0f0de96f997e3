import { addSeconds, type Instant, secondsBetween } from '../shared/time.ts';
import type { Retention } from './source.ts';

const DAY_SECONDS = 86_400;

/**
 * A row about an object outlives it by so much. S3 expires objects days late at times, and no message about an object is older than
 * 14 days, the longest retention of SQS: without its row an object or a message would count as a new one.
 */
const ROW_MARGIN_DAYS = 14;

/** A series outlives its results, and every row about its objects, by so much. */
const SERIES_MARGIN_DAYS = 28;

/** When a row that is written now, about an object that is here now, has no use any more; `undefined`: never. */
export function rowExpiryOf(retention: Retention | undefined, now: Instant): Instant | undefined {
  if (retention?.scanDays === undefined) return undefined;
  return addSeconds(now, (retention.scanDays + ROW_MARGIN_DAYS) * DAY_SECONDS);
}

/** Days for which a series is kept after its last change; `undefined`: for good, as long as its results or its scans are. */
export function seriesDaysOf(retention: Retention | undefined): number | undefined {
  const { scanDays, resultDays } = retention ?? {};
  if (scanDays === undefined || resultDays === undefined) return undefined;
  return Math.max(scanDays, resultDays) + SERIES_MARGIN_DAYS;
}

/** S3 expires an object at the midnight (UTC) after its days at the earliest, and keeps its content for some time yet. */
export function isPastRetention(droppedAt: Instant, retention: Retention | undefined, now: Instant): boolean {
  const { scanDays } = retention ?? {};
  return scanDays !== undefined && secondsBetween(droppedAt, now) >= scanDays * DAY_SECONDS;
}
