import type { Instance } from '../core/instance.ts';
import type { ListedObject } from '../core/ports.ts';
import type { FindingKind } from '../core/reconciliation.ts';
import type { Source } from '../core/source.ts';
import { classifyListedObjects } from '../index-instances/classify-listed-objects.ts';
import { hasSameContent } from '../index-instances/same-content.ts';
import type { Slice } from './slice.ts';

export interface DriftedObject {
  object: ListedObject;
  kind: FindingKind;
  seriesInstanceUid?: string;
}

/** The objects of a page that indexing would change something about. Reads only. `seen`: series of the page that are known to exist. */
export async function findDrift(
  slice: Slice,
  source: Source,
  objects: readonly ListedObject[],
  seen: Set<string>,
): Promise<DriftedObject[]> {
  const { deps } = slice;
  const found: DriftedObject[] = [];
  await classifyListedObjects(deps, source, objects, {
    async known(id, _instances, [object]) {
      if (object === undefined || seen.has(id.seriesInstanceUid)) return;
      seen.add(id.seriesInstanceUid);
      // A run that died between the rows and the series, and whose message died too.
      if ((await deps.series.load(id)) !== undefined) return;
      found.push({ object, kind: 'series_missing', seriesInstanceUid: id.seriesInstanceUid });
    },
    async rejected(object, rejection) {
      // Taken away since it was listed: nobody misses it.
      if (rejection.reason !== 'object_missing') found.push({ object, kind: 'object_unknown' });
    },
    async differing(object, held) {
      if (await isNews(slice, object, held)) {
        found.push({ object, kind: 'object_unknown', seriesInstanceUid: held.seriesInstanceUid });
      }
      return 'skipped';
    },
    async copied(object, held) {
      if (await isThere(slice, held)) return;
      found.push({ object, kind: 'row_elsewhere', seriesInstanceUid: held.seriesInstanceUid });
    },
    async unknown(object) {
      found.push({ object, kind: 'object_unknown' });
      return 'skipped';
    },
  });
  return found;
}

/** Whether the event of an object whose row stands for another content was lost. */
async function isNews(slice: Slice, object: ListedObject, held: Instance): Promise<boolean> {
  // Only what can still be read shows whether it says the same: under its key, or as an older version of it.
  if (held.object.versionId === undefined && !(await isThere(slice, held))) return true;
  const { key, etag, sizeBytes } = object;
  return !(await hasSameContent(slice.deps.drop, held.object, { key, etag, sizeBytes, isGzip: false }));
}

/** Whether the content that a row stands for still lies under its key. */
export async function isThere(slice: Slice, { object }: Pick<Instance, 'object'>): Promise<boolean> {
  const read = await slice.deps.drop.readRange(object.key, 0, 0);
  return read.kind === 'range' && read.etag === object.etag;
}
