import { mapConcurrently } from '../core/concurrency.ts';
import { defined } from '../core/defined.ts';
import { classifyKey } from '../core/drop-key.ts';
import type { QuarantinedObject } from '../core/quarantine.ts';
import type { FindingOutcome } from '../core/reconciliation.ts';
import { indexObjects } from '../index-instances/index-objects.ts';
import type { Slice } from './slice.ts';

const PAGE = 100;
const LOOKS_AT_ONCE = 16;

/**
 * One page of quarantine rows whose object may be gone. `object_missing` says just that and stays until the object is dropped
 * again. Rows whose object is there were compared with the listing. Answers where the next page begins.
 */
export async function checkQuarantine(slice: Slice, after: string | undefined): Promise<string | undefined> {
  const { deps } = slice;
  const page = await deps.quarantine.list({
    limit: PAGE,
    ...defined({ cursor: after }),
  });
  const concerned = page.items.filter(
    ({ source, reason, at }) => slice.concerns(source) && reason !== 'object_missing' && slice.isSettled(at),
  );
  await mapConcurrently(concerned, LOOKS_AT_ONCE, (row) => checkRow(slice, row));
  return page.cursor;
}

async function checkRow(slice: Slice, row: QuarantinedObject): Promise<void> {
  if ((await slice.deps.drop.readRange(row.key, 0, 0)).kind === 'range') return;
  const { source, key } = row;
  const about = { key, ...defined({ source }) };
  slice.find('quarantine_stale', about, slice.request.isRepair ? await forget(slice, row) : 'reported');
}

/** After the deletion the object is looked for once more: one that came back before it, with the same content, has written no other row. */
async function forget(slice: Slice, row: QuarantinedObject): Promise<FindingOutcome> {
  const { deps } = slice;
  const removed = await deps.reconciliation.removeQuarantined(row);
  // Where it is not there at all, this very deletion was made before and its answer lost.
  if (removed === 'changed' && (await deps.quarantine.find([row.key])).length > 0) return 'left';
  deps.log('info', 'quarantine row of a gone object removed', { quarantineId: row.id, reason: row.reason });
  if ((await deps.drop.readRange(row.key, 0, 0)).kind === 'missing') return 'repaired';
  const place = classifyKey(row.key, row.sizeBytes, slice.sources);
  if (place.kind !== 'object') {
    await deps.quarantine.put([row]);
    return 'left';
  }
  const failed = await indexObjects(deps, [{ key: row.key, source: place.source }]);
  return failed.size > 0 ? 'failed' : 'repaired';
}
