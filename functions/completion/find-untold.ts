import { classifyListedObjects } from '../ingest/classify-listed-objects.ts';
import type { IndexDeps } from '../ingest/index-deps.ts';
import { indexObjects } from '../ingest/index-objects.ts';
import type { ListedObject } from '../instances/drop-bucket.ts';
import type { Instance } from '../instances/instance.ts';
import { addSeconds, type Instant } from '../shared/time.ts';
import { classifyKey } from '../sources/drop-key.ts';
import type { Source } from '../sources/source.ts';
import { findArchives } from './covered-archives.ts';

/**
 * S3 tells of an object within seconds, and sometimes only after a minute. So where a sender is known to be fast, the folder of a
 * series is listed before the series is called complete.
 */

/** Older objects have been told, or are for the reconciliation. */
const UNTOLD_SECONDS = 120;
/** Then more is on its way, and the rest is for its events. */
const MOST_INDEXED = 20;

/** `none`: all young objects have rows. `some`: files that had none, or archives that are not indexed yet. `unknown`: too many objects. */
export type Untold = 'none' | 'some' | 'unknown';

export async function findUntold(
  deps: IndexDeps,
  source: Source,
  rows: readonly Instance[],
  now: Instant,
): Promise<Untold> {
  const { objects, isLast } = await deps.drop.list(folderOf(rows, source));
  if (!isLast) return 'unknown';
  const contents = new Set(rows.map(({ object }) => `${object.etag} ${object.key}`));
  const since = addSeconds(now, -UNTOLD_SECONDS);
  const young = objects.filter(
    ({ key, sizeBytes, etag, lastModified, isArchived }) =>
      lastModified >= since &&
      isArchived !== true &&
      !contents.has(`${etag} ${key}`) &&
      classifyKey(key, sizeBytes, [source]).kind === 'object',
  );
  let indexed = 0;
  const index = async ({ key }: ListedObject) => {
    if (indexed < MOST_INDEXED) await indexObjects(deps, [{ key, source }]);
    indexed += 1;
  };
  const archives = await findArchives(deps, source, young);
  const files = young.filter((object) => !archives.known.has(object) && !archives.refused.has(object));
  // It may have instances of any series.
  if (archives.unfinished.size > 0) return 'some';
  await classifyListedObjects(deps, source, files, {
    known: () => {},
    rejected: async () => {},
    copied: async () => {},
    async differing(object) {
      await index(object);
      return 'indexed';
    },
    async unknown(object) {
      await index(object);
      return 'skipped';
    },
    unreadable: () => {},
  });
  return indexed > 0 ? 'some' : 'none';
}

/** The innermost folder in which all of these lie. */
function folderOf(rows: readonly Instance[], { prefix }: Source): string {
  const [first = [], ...others] = rows.map(({ object }) => object.key.split('/').slice(0, -1));
  const differs = first.findIndex((part, at) => others.some((other) => other[at] !== part));
  const common = differs < 0 ? first : first.slice(0, differs);
  return common.length === 0 ? prefix : `${common.join('/')}/`;
}
