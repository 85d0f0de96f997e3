import { classifyListedObjects } from '../ingest/classify-listed-objects.ts';
import type { IndexDeps } from '../ingest/index-deps.ts';
import { indexObjects } from '../ingest/index-objects.ts';
import type { ListedObject } from '../instances/drop-bucket.ts';
import { type Instance, isMultipart } from '../instances/instance.ts';
import type { SeriesId } from '../instances/series-id.ts';
import { addSeconds, type Instant } from '../shared/time.ts';
import { classifyKey } from '../sources/drop-key.ts';
import type { Source } from '../sources/source.ts';
import { findArchives } from './covered-archives.ts';

/**
 * S3 tells of an object within seconds, and sometimes only after a minute. An event whose run has failed is seen by nobody until it is
 * delivered again, after 90 s. So the folder of a series is listed before silence counts as its end.
 */

/** Before the silence: older objects have been told, or are for the reconciliation. Of an upload in parts S3 tells when it began. */
const UNTOLD_SECONDS = { whole: 120, multipart: 900 };
/** Headers that are read: some of other series that were told, and what a fast sender sends of them within seconds. */
const MOST_READ = 48;

/**
 * `none`: the series has no other object there. `some`: it had, and they are indexed now. `archive`: one that is not indexed may have
 * some. `unknown`: to find out would take too many requests.
 */
export type Untold = 'none' | 'some' | 'archive' | 'unknown';

/** Ends the classification; never leaves this file. */
class TooManyReadError extends Error {}

/**
 * @param rows of the series
 * @param silentSince when its silence began
 */
export async function findUntold(
  deps: IndexDeps,
  source: Source,
  id: SeriesId,
  rows: readonly Instance[],
  silentSince: Instant,
): Promise<Untold> {
  const { objects, isLast } = await deps.drop.list(folderOf(rows, source));
  if (!isLast) return 'unknown';
  const contents = new Set(rows.map(({ object }) => `${object.etag} ${object.key}`));
  const young = objects.filter(
    (object) =>
      isYoung(object, silentSince) &&
      object.isArchived !== true &&
      !contents.has(`${object.etag} ${object.key}`) &&
      classifyKey(object.key, object.sizeBytes, [source]).kind === 'object',
  );
  const archives = await findArchives(deps, source, young);
  const files = young.filter((object) => !archives.known.has(object) && !archives.refused.has(object));
  let untold = (archives.unfinished.size > 0 ? 'archive' : 'none') as Untold;
  let read = 0;
  const countRead = () => {
    read += 1;
    if (read > MOST_READ) throw new TooManyReadError();
  };
  const index = async ({ key }: ListedObject) => {
    await indexObjects(deps, [{ key, source }]);
    untold = 'some';
  };
  const isOwn = ({ seriesInstanceUid }: { seriesInstanceUid: string }) =>
    seriesInstanceUid === id.seriesInstanceUid;
  try {
    await classifyListedObjects(deps, source, files, {
      known(of, instances) {
        countRead();
        // Indexed since its rows were read.
        if (isOwn(of) && instances.length > rows.length) untold = 'some';
      },
      rejected: async () => countRead(),
      copied: async () => {},
      async differing(object, held) {
        if (!isOwn(held)) return 'skipped';
        await index(object);
        return 'indexed';
      },
      async unknown(object, _open, instance) {
        countRead();
        // Of another series: its own event brings it.
        if (isOwn(instance)) await index(object);
        return 'skipped';
      },
      unreadable: () => {},
    });
  } catch (error) {
    if (!(error instanceof TooManyReadError)) throw error;
    return untold === 'none' ? 'unknown' : untold;
  }
  return untold;
}

function isYoung({ lastModified, etag }: ListedObject, silentSince: Instant): boolean {
  const seconds = isMultipart({ etag }) ? UNTOLD_SECONDS.multipart : UNTOLD_SECONDS.whole;
  return lastModified >= addSeconds(silentSince, -seconds);
}

/** The innermost folder in which all of these lie. */
function folderOf(rows: readonly Instance[], { prefix }: Source): string {
  const [first = [], ...others] = rows.map(({ object }) => object.key.split('/').slice(0, -1));
  const differs = first.findIndex((part, at) => others.some((other) => other[at] !== part));
  const common = differs < 0 ? first : first.slice(0, differs);
  return common.length === 0 ? prefix : `${common.join('/')}/`;
}
