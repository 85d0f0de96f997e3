import type { DoneSeries, Series } from '../series/series.ts';
import type { SeriesStore } from '../series/series-store.ts';
import { defined } from '../shared/defined.ts';
import { addSeconds, type Clock, type Instant, secondsBetween } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';
import type { Answer } from './answers.ts';
import { ProblemError } from './problem.ts';
import type { ParametersOf } from './requests.ts';
import { instantOf } from './series-query.ts';
import { requireSource } from './series-routes.ts';
import { turnaroundOf } from './turnaround.ts';

export interface TurnaroundRouteDeps {
  series: Pick<SeriesStore, 'list'>;
  loadSources(): Promise<Source[]>;
  clock: Clock;
}

const DAY_SECONDS = 86_400;
/** A row costs a read unit or two. */
const MAX_SERIES = 1_000;

/** `GET /v1/turnaround` */
export async function showTurnaround(
  deps: TurnaroundRouteDeps,
  { source, ...given }: ParametersOf<'getTurnaround'>,
): Promise<Answer<'Turnaround'>> {
  const { since, until } = rangeOf(
    instantOf(given.since),
    instantOf(given.until),
    deps.clock().toISOString(),
  );
  const page = await deps.series.list({
    state: 'DONE',
    since,
    until,
    limit: MAX_SERIES,
    ...defined({ source }),
  });
  if (page.series.length === 0) await requireSource(deps, source);
  return { since, until, isComplete: page.cursor === undefined, ...turnaroundOf(page.series.filter(isDone)) };
}

/** The last day, or the day that begins, or ends, at the time that is given. */
function rangeOf(since: Instant | undefined, until: Instant | undefined, now: Instant) {
  const end = until ?? (since === undefined ? now : addSeconds(since, DAY_SECONDS));
  const begin = since ?? addSeconds(end, -DAY_SECONDS);
  if (secondsBetween(begin, end) > DAY_SECONDS)
    throw new ProblemError(400, 'Bad Request', 'until: expected at most 24 hours after since');
  return { since: begin, until: end };
}

/** The row may have gone on since its entry in the index was read. */
function isDone(series: Series): series is DoneSeries {
  return series.state === 'DONE';
}
