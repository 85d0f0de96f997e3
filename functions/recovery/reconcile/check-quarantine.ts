import { ingestObjects } from '../../ingest/ingest-objects.ts';
import type { QuarantinedObject } from '../../instances/quarantine.ts';
import { mapConcurrently } from '../../shared/concurrency.ts';
import { defined } from '../../shared/defined.ts';
import { classifyKey } from '../../sources/drop-key.ts';
import { lookAt } from './look-at.ts';
import type { PageContext, PhaseWork } from './page-context.ts';
import type { FindingOutcome } from './reconciliation.ts';

const PAGE = 100;
const CHECKS_AT_ONCE = 16;

/**
 * Removes quarantine rows whose object has been deleted, one page at a time. Rows with `object_missing` stay until the object
 * is dropped again. Rows whose object exists were checked with the listing.
 */
export const QUARANTINE: PhaseWork<QuarantinedObject> = {
  async list(context, after) {
    const query = { limit: PAGE, ...defined({ cursor: after }) };
    const { items, cursor } = await context.deps.quarantine.list(query);
    const recent = items.filter(({ at }) => context.isRecent(at));
    // Newest first: what follows is older still.
    return { items: recent, ...(recent.length < items.length ? {} : defined({ next: cursor })) };
  },
  async check(context, rows) {
    const concerned = rows.filter(
      ({ source, reason, at }) =>
        context.concerns(source) && reason !== 'object_missing' && context.isOldEnough(at),
    );
    await mapConcurrently(concerned, CHECKS_AT_ONCE, (row) => checkRow(context, row));
  },
};

async function checkRow(context: PageContext, row: QuarantinedObject): Promise<void> {
  if ((await lookAt(context.deps.drop, row.key)).kind !== 'missing') return;
  const { source, key } = row;
  const about = { key, ...defined({ source }) };
  context.report(
    'quarantine_stale',
    about,
    context.request.isRepair ? await removeQuarantineRow(context, row) : 'reported',
  );
}

/** After the deletion the object is read once more: if it came back before with the same content, its event changed no row. */
async function removeQuarantineRow(context: PageContext, row: QuarantinedObject): Promise<FindingOutcome> {
  const { deps } = context;
  const removed = await deps.reconciliation.removeQuarantined(row);
  // If there is no row at all, an earlier try of this deletion worked and its answer was lost.
  if (removed === 'changed' && (await deps.quarantine.find([row.key])).length > 0) return 'skipped';
  deps.log('info', 'quarantine row of a missing object removed', {
    quarantineId: row.id,
    reason: row.reason,
  });
  if ((await lookAt(deps.drop, row.key)).kind === 'missing') return 'repaired';
  const place = classifyKey(row.key, row.sizeBytes, context.sources);
  if (place.kind !== 'object') {
    await deps.quarantine.put([row]);
    return 'skipped';
  }
  const failed = await ingestObjects(deps, [{ key: row.key, source: place.source }]);
  return failed.size > 0 ? 'failed' : 'repaired';
}
