import { notRegistered } from '../../delivery/upload-records.ts';
import { ingestObjects } from '../../ingest/ingest-objects.ts';
import { toQuarantined } from '../../ingest/read-dropped-object.ts';
import { releaseFromQuarantine, updateQuarantine } from '../../ingest/update-quarantine.ts';
import { handledUpTo } from '../../ingest/watermark.ts';
import type { Instance } from '../../instances/instance.ts';
import { defined } from '../../shared/defined.ts';
import type { Source } from '../../sources/source.ts';
import { findMissing } from './find-missing.ts';
import { indexArchivesAgain } from './index-archives-again.ts';
import { lookAt } from './look-at.ts';
import type { PageContext, PhaseWork } from './page-context.ts';
import type { MissingObject } from './reconciliation.ts';
import { neededRows } from './reconciliation-rules.ts';

/**
 * The second check of rows whose object was missing at the first. S3 does not say when an object was deleted, and a sender may
 * be about to drop it again, under the same or another key. So a row is removed only if its object is missing at two checks,
 * with enough time in between for the event of a new object, and after the events before the first check.
 */
export const MISSING: PhaseWork<MissingObject> = {
  async list({ deps, request: { isRepair, source } }, after) {
    if (!isRepair) return { items: [] };
    const { items, cursor } = await deps.reconciliation.listMissing(defined({ source, cursor: after }));
    return { items, ...defined({ next: cursor }) };
  },
  async check(context, notes) {
    for (const missing of notes) await recheckObject(context, missing);
  },
};

async function recheckObject(context: PageContext, missing: MissingObject): Promise<void> {
  const { deps } = context;
  const source = context.sourceNamed(missing.source);
  const [row] = await deps.instances.find([toId(missing)]);
  const isSame = row?.object.key === missing.object.key && row.object.etag === missing.object.etag;
  // A run that ended after the removal may not have come to the archives.
  if (row === undefined) await indexArchivesAgain(context, missing);
  if (row === undefined || !isSame || source === undefined || !(await isStillMissing(context, row, source))) {
    return deps.reconciliation.deleteMissing(toId(missing));
  }
  if (!context.isOldEnough(missing.seenAt)) return;
  const about = {
    source: row.source,
    seriesInstanceUid: row.seriesInstanceUid,
    sopInstanceUid: row.sopInstanceUid,
    key: row.object.key,
  };
  // Older events may be waiting in the ingest queue, also that of the object under another key. The last row of a series stays: without it the
  // series would disappear, whereas with it the upload fails with `object_missing`, which operators see.
  const handled = await handledUpTo(deps, context.now);
  const mayBeWaiting = handled === undefined || handled < missing.seenAt;
  const ofSeries = await deps.instances.ofSeries(row);
  if (mayBeWaiting || ofSeries.length <= 1 || (await isPartUploaded(context, row, ofSeries)))
    return context.report('row_without_object', about, 'skipped');
  const outcome = await removeRow(context, row, source);
  if (outcome === 'failed') return context.report('row_without_object', about, 'failed');
  await deps.reconciliation.deleteMissing(toId(missing));
  if (outcome === 'removed') context.report('row_without_object', about, 'repaired');
}

async function isStillMissing(context: PageContext, row: Instance, source: Source): Promise<boolean> {
  const series = await context.deps.series.load(row);
  if (series === undefined) return false;
  const marks = await context.deps.uploadRecords.of(row, series.uploadRound);
  if (neededRows(series, [row], marks, source, context.now).length === 0) return false;
  return (await findMissing(context.deps.drop, [row])).length > 0;
}

/**
 * Entries of the archive were uploaded, and are needed no more. Without the rows of the others they would pass for the whole of it; with
 * them the series fails until its files are dropped again.
 */
async function isPartUploaded(
  { deps }: PageContext,
  row: Instance,
  ofSeries: readonly Instance[],
): Promise<boolean> {
  const { key, etag, entry } = row.object;
  const series = entry === undefined ? undefined : await deps.series.load(row);
  if (series === undefined) return false;
  const ofArchive = ofSeries.filter(
    ({ object }) => object.entry !== undefined && object.key === key && object.etag === etag,
  );
  const marks = await deps.uploadRecords.of(row, series.uploadRound);
  return notRegistered(marks, ofArchive).length < ofArchive.length;
}

/**
 * The quarantine row is written first: if the run dies before the deletion, the instance row is still there, and the next run
 * continues. After the deletion the object is read once more. If it came back before the deletion, its event found the row and
 * changed nothing, so it is indexed here. If it comes back later, its event finds no row and indexes it.
 */
async function removeRow(
  context: PageContext,
  row: Instance,
  source: Source,
): Promise<'removed' | 'kept' | 'failed'> {
  const { deps } = context;
  const { key, etag, sizeBytes } = row.object;
  const detail = 'the object was gone before it was uploaded; drop it again';
  // Other content under the key is indexed by its own event, so the key gets no quarantine row.
  const isEmpty = (await lookAt(deps.drop, key)).kind === 'missing';
  if (isEmpty) {
    const facts = { reason: 'object_missing' as const, detail, etag, sizeBytes };
    const failed = await updateQuarantine(deps, [toQuarantined({ key, source }, facts, context.now)], [key]);
    if (failed.size > 0) return 'failed';
  }
  const removed = await deps.reconciliation.removeInstance(row);
  // The SDK repeats a deletion whose answer was lost; the repetition answers "changed", because the row is gone already.
  const isOut = removed === 'removed' || (await deps.instances.find([row])).length === 0;
  if ((await lookAt(deps.drop, key)).kind !== 'missing') {
    // It is back, or replaced: indexing handles it, and removes the quarantine row.
    const failed = await ingestObjects(deps, [{ key, source }]);
    if (failed.size > 0) return 'failed';
  } else if (!isOut && isEmpty) {
    // It was indexed under another key at the same time.
    if ((await releaseFromQuarantine(deps, [key])).size > 0) return 'failed';
  }
  if (!isOut) return 'kept';
  await indexArchivesAgain(context, row);
  const { source: name, seriesInstanceUid } = row;
  deps.log('warn', 'row removed: its object is missing', { source: name, seriesInstanceUid });
  await context.requestRecheck(row);
  return 'removed';
}

function toId({ source, seriesInstanceUid, sopInstanceUid }: MissingObject) {
  return { source, seriesInstanceUid, sopInstanceUid };
}
