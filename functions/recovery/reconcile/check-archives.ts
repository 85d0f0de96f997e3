import { findListedArchives } from '../../ingest/archive/listed-archives.ts';
import { readArchiveHead } from '../../ingest/archive/register-archive.ts';
import { ingestObjects } from '../../ingest/ingest-objects.ts';
import { isArchiveKey } from '../../instances/archive.ts';
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
  const others = objects.filter(({ key }) => !isArchiveKey(key));
  for (const { object, kind: known } of await findListedArchives(context.deps.archives, source, objects)) {
    if (known === 'indexed' || object.isArchived === true) continue;
    const about = { source: source.name, key: object.key };
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
