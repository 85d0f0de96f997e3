import { scheduleProbe } from '../admission/circuit-breaker.ts';
import type { SourceStateStore } from '../admission/source-state.ts';
import type { InstanceStore } from '../instances/instance.ts';
import type { SeriesId } from '../instances/series-id.ts';
import type { Action } from '../series/audit.ts';
import { jobOf } from '../series/job.ts';
import { EXPIRED_DETAIL, type HeldSetDeps, hasExpired, heldSetOf } from '../series/judged-set.ts';
import type { Queues } from '../series/messages.ts';
import { type RetryOutcome, type RetryRequest, retry } from '../series/retry.ts';
import { retryOnConflict } from '../series/retry-on-conflict.ts';
import type { Series } from '../series/series.ts';
import type { SeriesStore } from '../series/series-store.ts';
import { defined } from '../shared/defined.ts';
import type { Instant } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';
import { findSource } from '../sources/sources-document.ts';
import type { Answer } from './answers.ts';
import { generationsOf } from './generations.ts';
import { ProblemError, unknownSource } from './problem.ts';
import { type Asker, type AuditDeps, newAction } from './record-action.ts';
import type { BodyOf } from './requests.ts';
import { type SeriesView, toSeriesView } from './series-view.ts';
import { timelineOf } from './timeline.ts';

export interface SeriesRouteDeps extends AuditDeps {
  series: SeriesStore;
  instances: Pick<InstanceStore, 'count' | 'ofSeries'>;
  judgedSets: HeldSetDeps['judgedSets'];
  queues: Pick<Queues, 'sendCompute'>;
  sourceStates: SourceStateStore;
  loadSources(): Promise<Source[]>;
}

const MAX_ACTIONS = 50;

/** For a request that has found nothing: a source that is left out of the document may still have series. */
export async function requireSource(
  { loadSources }: Pick<SeriesRouteDeps, 'loadSources'>,
  name: string | undefined,
): Promise<void> {
  if (name === undefined) return;
  if (!(await loadSources()).some((source) => source.name === name)) throw unknownSource();
}

/** `GET /v1/series/{uid}` */
export async function showSeries(
  deps: SeriesRouteDeps,
  uid: string,
  source: string | undefined,
): Promise<Answer<'SeriesDetail'>> {
  const series = await findOne(deps, uid, source);
  return {
    ...(await view(deps, series)),
    timeline: timelineOf(series),
    generations: generationsOf(series),
    actions: await deps.audit.ofSeries(series, MAX_ACTIONS),
  };
}

/** `POST /v1/series/{uid}/retry` */
export async function retrySeries(
  deps: SeriesRouteDeps,
  uid: string,
  source: string | undefined,
  { comment, ...request }: BodyOf<'retrySeries'>,
  asker: Asker,
): Promise<SeriesView> {
  const found = await findOne(deps, uid, source);
  const action = newAction(deps, { ...asker, ...defined({ comment }) }, 'retry', request);
  const outcome = await retryFound(deps, found, request, true, action);
  if (outcome.kind === 'refused') {
    throw new ProblemError(409, 'Cannot be retried', `the series is ${outcome.state}: ${outcome.why}`);
  }
  return view(deps, outcome.series);
}

/**
 * Retries a series from its row as it stands now, and queues its job. `isProbe`: a person asks, so Qure is asked, although
 * calls for the source are stopped: what was mended at Qure changes no secret. @throws UnknownSourceError
 */
export async function retryFound(
  deps: SeriesRouteDeps,
  found: SeriesId,
  request: RetryRequest,
  isProbe: boolean,
  action: Action,
): Promise<RetryOutcome> {
  const configured = findSource(await deps.loadSources(), found.source);
  const outcome = await retryOnConflict<RetryOutcome>(deps.series, found, async (series) => {
    if (series === undefined) throw notFound();
    const now = deps.clock().toISOString();
    const wanted = retry(series, request, configured, now);
    if (wanted.kind === 'refused') return wanted;
    // One that waits for its source is as it should be: it asks at once.
    const isWaiting = wanted.series === series;
    if (!isWaiting && (await hasLostInstances(deps, series, configured, now)))
      return { kind: 'refused', state: series.state, why: EXPIRED_DETAIL };
    const { source, seriesInstanceUid } = found;
    // Written again after a conflict: it is the same row.
    await deps.audit.add({ ...action, series: { source, seriesInstanceUid } });
    if (isWaiting) return wanted;
    const saved = await deps.series.save(wanted.series);
    return saved.kind === 'conflict' ? saved : { kind: 'retried', series: saved.series };
  });
  if (outcome.kind === 'refused') return outcome;
  if (isProbe) {
    const now = deps.clock().toISOString();
    await deps.sourceStates.decide(found.source, (standing) => ({ state: scheduleProbe(standing, 0, now) }));
  }
  await deps.queues.sendCompute({ ...jobOf(outcome.series), tries: 0 }, 0);
  return outcome;
}

/** The same instances are to be computed again, and some of them have expired. */
async function hasLostInstances(
  deps: SeriesRouteDeps,
  series: Series,
  source: Source,
  now: Instant,
): Promise<boolean> {
  if (!hasExpired(series, source, now)) return false;
  const rows = await deps.instances.ofSeries(series);
  return (await heldSetOf(deps, series, rows, source, now)).kind === 'expired';
}

/** The one series of this UID; under several sources the caller has to say which. */
export async function findOne(
  deps: Pick<SeriesRouteDeps, 'series'>,
  uid: string,
  source: string | undefined,
): Promise<Series> {
  if (source !== undefined) {
    const series = await deps.series.load({ source, seriesInstanceUid: uid });
    if (series === undefined) throw notFound();
    return series;
  }
  const found = await deps.series.findByUid(uid);
  const [only] = found;
  if (only === undefined) throw notFound();
  if (found.length > 1) {
    const names = found.map((series) => series.source).sort();
    throw new ProblemError(
      409,
      'Several sources',
      `the series is held by ${names.join(', ')}; say which by ?source=`,
    );
  }
  return only;
}

function notFound(): ProblemError {
  return new ProblemError(
    404,
    'Not Found',
    'no series of this SeriesInstanceUID is known; has it been dropped?',
  );
}

export async function view(deps: Pick<SeriesRouteDeps, 'instances'>, series: Series): Promise<SeriesView> {
  return toSeriesView(series, series.state === 'RECEIVING' ? await deps.instances.count(series) : 0);
}
