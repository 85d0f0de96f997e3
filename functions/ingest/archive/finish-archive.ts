import type { Archive } from '../../instances/archive.ts';
import { coveringPrefixes, markerIdOf } from '../../instances/marker.ts';
import type { QuarantineReason } from '../../instances/quarantine.ts';
import type { Source } from '../../sources/source.ts';
import type { IndexDeps } from '../index-deps.ts';
import { toQuarantined } from '../read-dropped-object.ts';
import { updateQuarantine } from '../update-quarantine.ts';

/** The quarantine of an archive could not be brought up to date. Its message comes again. */
export class QuarantineNotUpdatedError extends Error {
  override name = 'QuarantineNotUpdatedError';
}

/**
 * What follows the last entry of an archive; idempotent. The quarantine says what in it cannot be used, with one row. A marker that has
 * waited for it is checked again.
 */
export async function finishArchive(deps: IndexDeps, archive: Archive, source: Source): Promise<void> {
  const { progress, state } = archive;
  await quarantine(deps, archive, source);
  deps.log('info', 'archive indexed', {
    source: source.name,
    archiveId: archive.id,
    state,
    entries: progress.entries,
    instances: progress.instances,
    foreign: progress.foreign,
    unusable: Object.values(progress.unusable).reduce((sum, { count }) => sum + count, 0),
  });
  await wakeMarkers(deps, archive, source);
}

/** Nothing is written for an archive that has been replaced: the row under its key is about other content by now. */
async function quarantine(deps: IndexDeps, archive: Archive, source: Source): Promise<void> {
  const { key, etag, sizeBytes } = archive;
  const problem = problemOf(archive);
  if (problem === undefined || (await deps.drop.readRange(key, 0, 0, { etag })).kind === 'missing') return;
  const row = toQuarantined({ key, source }, { ...problem, etag, sizeBytes }, deps.clock().toISOString());
  const failed = await updateQuarantine(deps, [row], [key]);
  if (failed.size > 0)
    throw new QuarantineNotUpdatedError('expected the quarantine of an archive to be up to date');
}

/** Names of entries are nowhere in it. */
function problemOf({
  state,
  detail = '',
  progress,
}: Archive): { reason: QuarantineReason; detail: string } | undefined {
  if (state === 'gone') return undefined;
  if (state === 'refused') return { reason: 'bad_archive', detail: `${detail}; nothing of it is indexed` };
  const { unusable, entries, instances } = progress;
  const reasons = Object.entries(unusable).map(
    ([reason, { count, first }]) => `${reason}: ${count} (first: entry ${first})`,
  );
  if (reasons.length > 0)
    return {
      reason: 'bad_entries',
      detail: `of ${entries} entries some cannot be used: ${reasons.join(', ')}; the others are indexed`,
    };
  if (instances > 0) return undefined;
  return { reason: 'not_dicom', detail: `expected DICOM files in the archive, got ${entries} other entries` };
}

/** Each marker names the archive that it waits for (`completion/walk-marker.ts`). */
async function wakeMarkers(
  { markers, queues }: IndexDeps,
  { id, key }: Archive,
  source: Source,
): Promise<void> {
  const covering = coveringPrefixes(key, source.prefix).map(markerIdOf);
  for (const marker of await markers.find(source.name, covering)) {
    const { waitsFor } = await markers.progressOf(marker);
    if (waitsFor === id)
      await queues.sendCompletion({ kind: 'marker', source: source.name, markerId: marker.id, tries: 0 }, 0);
  }
}
