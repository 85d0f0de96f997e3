import { mapConcurrently } from '../core/concurrency.ts';
import { defined } from '../core/defined.ts';
import type { Instance } from '../core/instance.ts';
import type { FindingOutcome } from '../core/reconciliation.ts';
import { computeAnew, judgeSet, judgeStandstill, rowsInNeed } from '../core/reconciliation-rules.ts';
import type { Series } from '../core/series.ts';
import type { Source } from '../core/source.ts';
import { findMissing } from './present-objects.ts';
import type { Slice } from './slice.ts';

const PAGE = 50;
/** Each holds the rows of one series in memory. */
const SERIES_AT_ONCE = 4;

/**
 * One page of series, newest change first: their rows against the judgement, Qure's receipts and the bucket. A series that
 * changes during the pass is at work and may be passed over; the next pass sees it. Answers where the next page begins.
 */
export async function checkSeriesPage(slice: Slice, after: string | undefined): Promise<string | undefined> {
  const { deps, request } = slice;
  const page = await deps.series.list({
    limit: PAGE,
    ...defined({ source: request.source, cursor: after }),
  });
  await mapConcurrently(page.series, SERIES_AT_ONCE, (series) => checkSeries(slice, series));
  return page.cursor;
}

async function checkSeries(slice: Slice, listed: Series): Promise<void> {
  const { deps } = slice;
  const standstill = judgeStandstill(listed, slice.now);
  if (standstill !== undefined) slice.find(standstill, idOf(listed), told(slice));
  const source = slice.sourceNamed(listed.source);
  if (source === undefined || !slice.isSettled(listed.lastArrivalAt) || !slice.isSettled(listed.changedAt))
    return;
  const [instances, marks] = await Promise.all([
    deps.instances.ofSeries(listed),
    deps.uploadMarks.of(listed, listed.uploadRound),
  ]);
  // Its message is still on its way.
  if (instances.some(({ indexedAt }) => !slice.isSettled(indexedAt))) return;
  const kind = judgeSet(listed, instances, marks, source);
  if (kind === 'set_differs' && !slice.hasAskedToLook(listed))
    slice.find(kind, idOf(listed), await lookLate(slice, listed));
  if (kind === 'receipt_short') {
    slice.find(kind, idOf(listed), await sendAgain(slice, listed, instances, source));
  }
  const needed = rowsInNeed(listed, instances, marks, source, slice.now);
  for (const row of await findMissing(deps.drop, needed)) {
    const { sopInstanceUid, object } = row;
    if (slice.request.isRepair)
      await deps.reconciliation.noteGone({ ...idOf(row), sopInstanceUid, object, seenAt: slice.now });
    const about = { ...idOf(listed), sopInstanceUid, key: object.key };
    slice.find('row_without_object', about, slice.request.isRepair ? 'noted' : 'reported');
  }
}

/** The checker compares the set itself, and opens the next generation where it has to. */
async function lookLate(slice: Slice, series: Series): Promise<FindingOutcome> {
  if (!slice.request.isRepair) return 'reported';
  await slice.askToLook(series);
  return 'repaired';
}

async function sendAgain(
  slice: Slice,
  series: Series,
  instances: readonly Instance[],
  source: Source,
): Promise<FindingOutcome> {
  if (!slice.request.isRepair) return 'reported';
  // While it is being computed, asking again would have this generation accepted twice: it waits for the answer.
  if (series.state !== 'DONE') return 'left';
  // Results of a part are better than none, where the hospital has taken its objects away.
  if ((await findMissing(slice.deps.drop, instances)).length > 0) return 'left';
  const again = computeAnew(series, source, slice.now);
  if (again === undefined) return 'left';
  const saved = await slice.deps.series.save(again);
  return saved.kind === 'saved' ? 'repaired' : 'left';
}

/** What only a person can mend. */
function told(slice: Slice): FindingOutcome {
  return slice.request.isRepair ? 'left' : 'reported';
}

function idOf({ source, seriesInstanceUid }: Series | Instance) {
  return { source, seriesInstanceUid };
}
