import { readArchiveHead } from '../../ingest/archive/register-archive.ts';
import { ingestObjects } from '../../ingest/ingest-objects.ts';
import { archiveIdOf, isArchiveKey } from '../../instances/archive.ts';
import type { ListedObject } from '../../instances/drop-bucket.ts';
import type { QuarantinedObject } from '../../instances/quarantine.ts';
import type { Source } from '../../sources/source.ts';
import type { PageContext } from './page-context.ts';

/**
 * Checks the archives among listed objects by their rows alone: one that is indexed needs no read. What is not indexed is registered
 * again. Returns the objects that are no archives.
 */
export async function checkArchives(
  context: PageContext,
  source: Source,
  objects: readonly ListedObject[],
  quarantined: ReadonlyMap<string, QuarantinedObject>,
): Promise<ListedObject[]> {
  const named = objects.filter(({ key }) => isArchiveKey(key));
  const others = objects.filter(({ key }) => !isArchiveKey(key));
  const rows = await context.deps.archives.find(
    source.name,
    named.map(({ key }) => archiveIdOf(key)),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const object of named) {
    const row = byId.get(archiveIdOf(object.key));
    if (row?.etag === object.etag && (row.state === 'done' || row.state === 'refused')) continue;
    const about = { source: source.name, key: object.key };
    if (object.isArchived === true) continue;
    await context.unlessUnreadable(about, async () => {
      if ((await readArchiveHead(context.deps.drop, object.key)) === undefined) {
        others.push(object);
        return;
      }
      const kind = quarantined.has(object.key) ? 'quarantine_outdated' : 'object_unknown';
      if (!context.request.isRepair) return context.report(kind, about, 'reported');
      const failed = await ingestObjects(context.deps, [{ key: object.key, source }]);
      context.report(kind, about, failed.size > 0 ? 'failed' : 'repaired');
    });
  }
  return others;
}
