import { isArchiveKey } from '../instances/archive.ts';
import { mapConcurrently } from '../shared/concurrency.ts';
import { registerArchive } from './archive/register-archive.ts';
import { attempt, type FailedKeys } from './failed-keys.ts';
import type { IndexDeps } from './index-deps.ts';
import { indexObjects } from './index-objects.ts';
import type { DroppedObject } from './read-dropped-object.ts';

const REGISTRATIONS_AT_ONCE = 16;

/** Indexes dropped objects, and registers the archives among them. Returns the keys of those for which that failed for now. */
export async function ingestObjects(deps: IndexDeps, dropped: readonly DroppedObject[]): Promise<FailedKeys> {
  const failedKeys: FailedKeys = new Map();
  const objects = dropped.filter(({ key }) => !isArchiveKey(key));
  const archives = new Map(dropped.filter(({ key }) => isArchiveKey(key)).map((one) => [one.key, one]));
  await mapConcurrently([...archives.values()], REGISTRATIONS_AT_ONCE, async (archive) => {
    const registered = await attempt(deps.log, failedKeys, 'registration of an archive', [archive.key], () =>
      registerArchive(deps, archive),
    );
    if (registered !== undefined && registered.value === undefined) objects.push(archive);
  });
  for (const [key, cause] of await indexObjects(deps, objects)) failedKeys.set(key, cause);
  return failedKeys;
}
