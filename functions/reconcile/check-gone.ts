import { isBacklogged } from '../core/completion.ts';
import { defined } from '../core/defined.ts';
import type { Instance } from '../core/instance.ts';
import type { GoneObject } from '../core/reconciliation.ts';
import { rowsInNeed } from '../core/reconciliation-rules.ts';
import type { Source } from '../core/source.ts';
import { indexObjects } from '../index-instances/index-objects.ts';
import { toQuarantined } from '../index-instances/read-dropped-object.ts';
import { releaseFromQuarantine, updateQuarantine } from '../index-instances/update-quarantine.ts';
import { findMissing } from './present-objects.ts';
import type { Slice } from './slice.ts';

/**
 * The second look at rows whose object was not found before. Nobody can tell when an object was deleted, and a sender may be
 * about to put it again or under another key: so a row is taken out only when its object was missing twice, so far apart that
 * the event of a new one would have come, and while nothing waits to be indexed. Answers where the next page begins.
 */
export async function checkGone(slice: Slice, after: string | undefined): Promise<string | undefined> {
  const { deps, request } = slice;
  if (!request.isRepair) return undefined;
  const page = await deps.reconciliation.listGone({
    ...defined({ source: request.source, cursor: after }),
  });
  for (const gone of page.items) await lookAgain(slice, gone);
  return page.cursor;
}

async function lookAgain(slice: Slice, gone: GoneObject): Promise<void> {
  const { deps } = slice;
  const source = slice.sourceNamed(gone.source);
  const [row] = await deps.instances.find([toId(gone)]);
  const isSame = row?.object.key === gone.object.key && row.object.etag === gone.object.etag;
  if (row === undefined || !isSame || source === undefined || !(await isMissedStill(slice, row, source))) {
    return deps.reconciliation.forgetGone(toId(gone));
  }
  if (!slice.isSettled(gone.seenAt)) return;
  const about = {
    source: row.source,
    seriesInstanceUid: row.seriesInstanceUid,
    sopInstanceUid: row.sopInstanceUid,
    key: row.object.key,
  };
  // The object may be among those that wait, under another key. And a series without any instance would stand nowhere:
  // its upload fails with `object_missing`, which a person sees.
  const hasBacklog = isBacklogged(await deps.countWaitingDrops(), source.quietPeriodSeconds);
  if (hasBacklog || (await deps.instances.count(row)) <= 1)
    return slice.find('row_without_object', about, 'left');
  const outcome = await takeOut(slice, row, source);
  if (outcome === 'failed') return slice.find('row_without_object', about, 'failed');
  await deps.reconciliation.forgetGone(toId(gone));
  if (outcome === 'taken') slice.find('row_without_object', about, 'repaired');
}

async function isMissedStill(slice: Slice, row: Instance, source: Source): Promise<boolean> {
  const series = await slice.deps.series.load(row);
  if (series === undefined) return false;
  const marks = await slice.deps.uploadMarks.of(row, series.uploadRound);
  if (rowsInNeed(series, [row], marks, source, slice.now).length === 0) return false;
  return (await findMissing(slice.deps.drop, [row])).length > 0;
}

/**
 * The quarantine row comes first: a run that dies in between leaves the instance row, and the next one goes on. After the
 * deletion the object is looked for once more: one that came back before, and whose event found the row still there, is
 * indexed here; one that comes later has an event that finds no row.
 */
async function takeOut(slice: Slice, row: Instance, source: Source): Promise<'taken' | 'kept' | 'failed'> {
  const { deps } = slice;
  const { key, etag, sizeBytes } = row.object;
  const detail = 'the object was gone before it was uploaded; drop it again';
  // Other content under the key has a row of its own, or will have; the quarantine row of a key speaks of what lies there.
  const isEmpty = (await deps.drop.readRange(key, 0, 0)).kind === 'missing';
  if (isEmpty) {
    const facts = { reason: 'object_missing' as const, detail, etag, sizeBytes };
    const failed = await updateQuarantine(deps, [toQuarantined({ key, source }, facts, slice.now)], [key]);
    if (failed.size > 0) return 'failed';
  }
  const removed = await deps.reconciliation.removeInstance(row);
  // A deletion whose answer was lost and that was sent once more met its own effect.
  const isOut = removed === 'removed' || (await deps.instances.find([row])).length === 0;
  const current = await deps.drop.readRange(key, 0, 0);
  if (current.kind === 'range') {
    // Back, or replaced: the index decides, and takes the quarantine row away again.
    const failed = await indexObjects(deps, [{ key, source }]);
    if (failed.size > 0) return 'failed';
  } else if (!isOut && isEmpty) {
    // Indexed under another key in this very moment.
    if ((await releaseFromQuarantine(deps, [key])).size > 0) return 'failed';
  }
  if (!isOut) return 'kept';
  const { source: name, seriesInstanceUid } = row;
  deps.log('warn', 'row taken out: its object is gone', { source: name, seriesInstanceUid });
  await slice.askToLook(row);
  return 'taken';
}

function toId({ source, seriesInstanceUid, sopInstanceUid }: GoneObject) {
  return { source, seriesInstanceUid, sopInstanceUid };
}
