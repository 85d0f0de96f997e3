import type { Action } from '../series/audit.ts';
import type { Series } from '../series/series.ts';
import { mapConcurrently } from '../shared/concurrency.ts';
import { defined } from '../shared/defined.ts';
import type { Log } from '../shared/log.ts';
import { errorFields } from '../shared/log.ts';
import type { Answer } from './answers.ts';
import { bindCursor } from './bound-cursor.ts';
import { type Asker, newAction } from './record-action.ts';
import type { BulkRetryRequest } from './requests.ts';
import { requireSource, retryFound, type SeriesRouteDeps } from './series-routes.ts';

export interface BulkRetryDeps extends SeriesRouteDeps {
  log: Log;
}

/** Leaves a third of the 30 s that an API call has for the page under way. */
const WALK_MS = 18_000;
const PAGE = 50;
const RETRIES_AT_ONCE = 8;

type One = 'retried' | 'refused' | 'failed';

/**
 * `POST /v1/series/retry`: retries every series of a state that has the reason and the source. Newest change first: one that fails
 * again meanwhile moves to the front of the list, behind this walk, so that the walk ends.
 */
export async function retryMany(
  deps: BulkRetryDeps,
  request: BulkRetryRequest,
  asker: Asker,
): Promise<Answer<'BulkRetry'>> {
  const { reason, source, state, limit, recompute } = request;
  const endsAtMs = deps.clock().getTime() + WALK_MS;
  const counts: Record<One, number> = { retried: 0, refused: 0, failed: 0 };
  const { place, bind } = bindCursor(request.cursor, 'retry', { reason, source, state });
  let cursor = place;
  let hasSeries = false;
  let isRecorded = false;
  const asked = { ...asker, ...defined({ comment: request.comment }) };
  const action = newAction(deps, asked, 'retry_many', { reason, source, state, limit, recompute });
  do {
    const page = await deps.series.list({
      state,
      // So that a page never holds more than what is left to do.
      limit: Math.min(PAGE, limit - counts.retried),
      ...defined({ source, cursor }),
    });
    const wanted = page.series.filter((series) => series.state === state && hasReason(series, reason));
    // Of none that is retried there is no action.
    if (wanted.length > 0 && !isRecorded) await deps.audit.add(action);
    isRecorded ||= wanted.length > 0;
    const outcomes = await mapConcurrently(wanted, RETRIES_AT_ONCE, (series) =>
      retryOne(deps, series, request, {
        ...newAction(deps, asked, 'retry', { recompute }),
        partOf: action.id,
      }),
    );
    for (const outcome of outcomes) counts[outcome] += 1;
    cursor = page.cursor;
    hasSeries ||= page.series.length > 0;
  } while (cursor !== undefined && counts.retried < limit && deps.clock().getTime() < endsAtMs);
  if (!hasSeries && place === undefined) await requireSource(deps, source);
  return cursor === undefined
    ? { ...counts, isComplete: true }
    : { ...counts, isComplete: false, cursor: bind(cursor) };
}

async function retryOne(
  deps: BulkRetryDeps,
  series: Series,
  { recompute }: BulkRetryRequest,
  action: Action,
): Promise<One> {
  try {
    // Of a stopped source the next one that is due asks Qure, as at any time.
    return (await retryFound(deps, series, defined({ recompute }), false, action)).kind;
  } catch (error) {
    const { source, seriesInstanceUid } = series;
    deps.log('error', 'series could not be retried', { source, seriesInstanceUid, ...errorFields(error) });
    return error instanceof Error && error.name === 'UnknownSourceError' ? 'refused' : 'failed';
  }
}

function hasReason(series: Series, reason: string | undefined): boolean {
  return reason === undefined || ('reason' in series && series.reason === reason);
}
