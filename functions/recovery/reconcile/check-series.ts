import type { Instance } from '../../instances/instance.ts';
import { hasExpired, heldSetOf } from '../../series/judged-set.ts';
import { isFinal, type Series } from '../../series/series.ts';
import { SERIES_STATES, type SeriesState } from '../../series/series-facts.ts';
import { mapConcurrently } from '../../shared/concurrency.ts';
import { defined } from '../../shared/defined.ts';
import type { Source } from '../../sources/source.ts';
import { findMissing } from './find-missing.ts';
import { indexOverwrittenArchives } from './index-archives-again.ts';
import type { PageContext, PhaseWork } from './page-context.ts';
import type { FindingOutcome } from './reconciliation.ts';
import { judgeSchedule, judgeSet, neededRows, recomputeInNewRound } from './reconciliation-rules.ts';

const PAGE = 50;
/** Each holds the rows of one series in memory. */
const SERIES_AT_ONCE = 4;

/** Whether a pass checks the series: it has changed, or has yet to. */
export function isLookedUp(context: PageContext, series: Series): boolean {
  return !isFinal(series) || context.isRecent(series.changedAt);
}

/**
 * Checks one page of series, state by state and newest change first: their rows against the set that was judged complete, Qure's
 * receipts and the bucket. A series that changes during the pass may be missed; the next pass checks it.
 */
export const SERIES: PhaseWork<Series> = {
  async list(context, after) {
    const { source } = context.request;
    const items: Series[] = [];
    let at: Place | undefined = placeOf(after);
    while (at !== undefined && items.length < PAGE) {
      const { state, cursor }: Place = at;
      const query = { state, limit: PAGE - items.length, ...defined({ source, cursor }) };
      const page = await context.deps.series.list(query);
      if (context.request.isRepair)
        await mapConcurrently(page.unindexed, SERIES_AT_ONCE, context.deps.series.addToIndex);
      const lookedUp = page.series.filter((series) => isLookedUp(context, series));
      items.push(...lookedUp);
      // What follows has changed still earlier.
      const isPast = lookedUp.length < page.series.length;
      at = page.cursor === undefined || isPast ? afterState(state) : { state, cursor: page.cursor };
    }
    return { items, ...(at === undefined ? {} : { next: `${at.state} ${at.cursor ?? ''}` }) };
  },
  async check(context, page) {
    await mapConcurrently(page, SERIES_AT_ONCE, (series) => checkSeries(context, series));
  },
};

async function checkSeries(context: PageContext, listed: Series): Promise<void> {
  const { deps } = context;
  const unscheduled = judgeSchedule(listed, context.now);
  if (unscheduled !== undefined) context.report(unscheduled, idOf(listed), reportOnly(context));
  const source = context.sourceNamed(listed.source);
  if (
    source === undefined ||
    !context.isOldEnough(listed.lastArrivalAt) ||
    !context.isOldEnough(listed.changedAt)
  )
    return;
  const [rows, marks] = await Promise.all([
    deps.instances.ofSeries(listed),
    deps.uploadRecords.of(listed, listed.uploadRound),
  ]);
  const { kind: set, instances } = await heldSetOf(deps, listed, rows, source, context.now);
  // Where instances have expired, there is nothing to compare, and nothing to compute.
  if (set === 'expired') return;
  // The message that follows its newest row may not be processed yet.
  if (instances.some(({ indexedAt }) => !context.isOldEnough(indexedAt))) return;
  if (context.request.isRepair) await indexOverwrittenArchives(context, listed, instances);
  const kind = judgeSet(listed, instances, marks, source);
  if (kind === 'set_differs' && !context.hasRequestedRecheck(listed))
    context.report(kind, idOf(listed), await recheckSet(context, listed));
  // Receipts of before the expiry may be gone.
  if (kind === 'receipt_short' && !hasExpired(listed, source, context.now)) {
    context.report(kind, idOf(listed), await recompute(context, listed, instances, source));
  }
  const needed = neededRows(listed, instances, marks, source, context.now);
  for (const row of await findMissing(deps.drop, needed)) {
    const { sopInstanceUid, object } = row;
    if (context.request.isRepair)
      await deps.reconciliation.saveMissing({ ...idOf(row), sopInstanceUid, object, seenAt: context.now });
    const about = { ...idOf(listed), sopInstanceUid, key: object.key };
    context.report('row_without_object', about, context.request.isRepair ? 'pending' : 'reported');
  }
}

/** The checker compares the set, and begins the next generation if it differs. */
async function recheckSet(context: PageContext, series: Series): Promise<FindingOutcome> {
  if (!context.request.isRepair) return 'reported';
  await context.requestRecheck(series);
  return 'repaired';
}

async function recompute(
  context: PageContext,
  series: Series,
  instances: readonly Instance[],
  source: Source,
): Promise<FindingOutcome> {
  if (!context.request.isRepair) return 'reported';
  // While Qure computes it, a second call could have this generation accepted twice: a later pass repairs it.
  if (series.state !== 'DONE') return 'skipped';
  // Where the hospital has deleted objects, the present results are better than a series that fails.
  if ((await findMissing(context.deps.drop, instances)).length > 0) return 'skipped';
  const again = recomputeInNewRound(series, source, context.now);
  if (again === undefined) return 'skipped';
  const saved = await context.deps.series.save(again);
  return saved.kind === 'saved' ? 'repaired' : 'skipped';
}

/** For findings that need a person. */
function reportOnly(context: PageContext): FindingOutcome {
  return context.request.isRepair ? 'skipped' : 'reported';
}

function idOf({ source, seriesInstanceUid }: Series | Instance) {
  return { source, seriesInstanceUid };
}

interface Place {
  state: SeriesState;
  cursor?: string;
}

/** An unknown place, such as one of an earlier version, begins the phase again. */
function placeOf(after = ''): Place {
  const [name = '', cursor = ''] = after.split(' ');
  const state = SERIES_STATES.find((known) => known === name);
  if (state === undefined) return { state: SERIES_STATES[0] };
  return cursor === '' ? { state } : { state, cursor };
}

function afterState(state: SeriesState): Place | undefined {
  const next = SERIES_STATES[SERIES_STATES.indexOf(state) + 1];
  return next === undefined ? undefined : { state: next };
}
