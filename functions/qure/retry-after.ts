/** As long as one SQS message can be put off; a longer wish is asked again then. */
export const MAX_RETRY_AFTER_MS = 15 * 60 * 1000;

const DELTA_SECONDS = /^[0-9]{1,10}$/;
// IMF-fixdate, RFC 850 and asctime all begin with a day's name. `Date.parse` alone would take "-5" for a date.
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .{10,40}$/;

/**
 * The wait that a Retry-After header asks for, in milliseconds from `now`, never negative and never above
 * `MAX_RETRY_AFTER_MS`. Undefined when there is no header, or it is neither seconds nor an HTTP date.
 * Source: RFC 9110 section 10.2.3. Qure documents none; proxies in front of it send them.
 */
export function parseRetryAfterMs(value: string | string[] | undefined, now: Date): number | undefined {
  const text = (Array.isArray(value) ? value[0] : value)?.trim();
  if (text === undefined) {
    return undefined;
  }
  const waitMs = DELTA_SECONDS.test(text) ? Number(text) * 1000 : msUntil(text, now);
  return waitMs === undefined ? undefined : Math.min(Math.max(0, waitMs), MAX_RETRY_AFTER_MS);
}

function msUntil(text: string, now: Date): number | undefined {
  const atMs = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs - now.getTime();
}
