import { classifyListedObjects } from '../../ingest/classify-listed-objects.ts';
import { hasSameContent } from '../../ingest/same-content.ts';
import type { ListedObject } from '../../instances/drop-bucket.ts';
import { fingerprintOf, type Instance } from '../../instances/instance.ts';
import { heldSetOf } from '../../series/judged-set.ts';
import { completedFingerprint, type Series } from '../../series/series.ts';
import { addSeconds } from '../../shared/time.ts';
import { seriesDaysOf } from '../../sources/row-expiry.ts';
import type { Source } from '../../sources/source.ts';
import { isLookedUp } from './check-series.ts';
import { lookAt } from './look-at.ts';
import type { PageContext } from './page-context.ts';
import type { FindingKind } from './reconciliation.ts';

export interface DriftedObject {
  object: ListedObject;
  kind: FindingKind;
  seriesInstanceUid?: string;
}

/**
 * Finds the objects of a page whose rows are missing or outdated, and reports those that S3 refuses. Reads only. `seen`: series of the
 * page that exist.
 */
export async function findDrift(
  context: PageContext,
  source: Source,
  objects: readonly ListedObject[],
  seen: Set<string>,
): Promise<DriftedObject[]> {
  const { deps } = context;
  const found: DriftedObject[] = [];
  await classifyListedObjects(deps, source, objects, {
    async known(id, instances, [object]) {
      const { seriesInstanceUid } = id;
      if (object === undefined || seen.has(seriesInstanceUid)) return;
      seen.add(seriesInstanceUid);
      const series = await deps.series.load(id);
      // A run died after it wrote the instance rows, and its message went to the dead-letter queue.
      if (series === undefined) {
        if (mayHaveExpired(context, source, object))
          context.report(
            'series_missing',
            { source: source.name, seriesInstanceUid, key: object.key },
            'skipped',
          );
        else found.push({ object, kind: 'series_missing', seriesInstanceUid });
      } else if (await differsUnseen(context, series, instances, source))
        found.push({ object, kind: 'set_differs', seriesInstanceUid });
    },
    async rejected(object, rejection) {
      // An object that was deleted since it was listed is no drift.
      if (rejection.reason !== 'object_missing') found.push({ object, kind: 'object_unknown' });
    },
    async differing(object, held) {
      if (await isUnindexedContent(context, object, held)) {
        found.push({ object, kind: 'object_unknown', seriesInstanceUid: held.seriesInstanceUid });
      }
      return 'skipped';
    },
    async copied(object, held) {
      if (await objectExists(context, held)) return;
      found.push({ object, kind: 'object_moved', seriesInstanceUid: held.seriesInstanceUid });
    },
    async unknown(object, _open, { seriesInstanceUid }) {
      if (await isOfOtherSource(context, source, seriesInstanceUid, object)) {
        const about = { source: source.name, seriesInstanceUid, key: object.key };
        context.report('object_of_other_source', about, context.request.isRepair ? 'skipped' : 'reported');
      } else found.push({ object, kind: 'object_unknown' });
      return 'skipped';
    },
    unreadable({ key }, { code }) {
      context.reportUnreadable({ source: source.name, key }, code);
    },
  });
  return found;
}

/**
 * Whether a prefix was given to another source after the object had come: to index it again would bring the scan of one hospital to the
 * Qure of another.
 */
async function isOfOtherSource(
  { deps }: PageContext,
  source: Source,
  seriesInstanceUid: string,
  { key }: ListedObject,
): Promise<boolean> {
  const others = (await deps.series.findByUid(seriesInstanceUid)).filter((one) => one.source !== source.name);
  for (const other of others) {
    if ((await deps.instances.ofSeries(other)).some(({ object }) => object.key === key)) return true;
  }
  return false;
}

/**
 * Whether the rows are another set than the judged one, and the check of the series will not see it: a final series that has not
 * changed since is not looked up.
 */
async function differsUnseen(
  context: PageContext,
  series: Series,
  rows: readonly Instance[],
  source: Source,
): Promise<boolean> {
  const judged = completedFingerprint(series);
  if (judged === undefined || isLookedUp(context, series)) return false;
  const { kind, instances } = await heldSetOf(context.deps, series, rows, source, context.now);
  if (kind === 'expired') return false;
  return judged !== fingerprintOf(instances) && instances.every((row) => context.isOldEnough(row.indexedAt));
}

/** A pass sees an object within two days. That a later one finds no series means that the series has expired with its results. */
const SEEN_WITHIN_DAYS = 14;

function mayHaveExpired(
  context: PageContext,
  { retention }: Source,
  { lastModified }: ListedObject,
): boolean {
  const isOld = lastModified < addSeconds(context.now, -SEEN_WITHIN_DAYS * 86_400);
  return isOld && seriesDaysOf(retention) !== undefined;
}

/** Whether the content of an object is not the indexed one: then its event was lost. */
async function isUnindexedContent(
  context: PageContext,
  object: ListedObject,
  held: Instance,
): Promise<boolean> {
  // The indexed content can be compared only if it can still be read: under its key, or as an older version.
  if (held.object.versionId === undefined && !(await objectExists(context, held))) return true;
  const { key, etag, sizeBytes } = object;
  return !(await hasSameContent(context.deps.drop, held.object, { key, etag, sizeBytes, isGzip: false }));
}

/** Whether the indexed content is still the one under its key, as far as S3 tells. */
async function objectExists(context: PageContext, { object }: Pick<Instance, 'object'>): Promise<boolean> {
  const there = await lookAt(context.deps.drop, object.key);
  return there.kind === 'unreadable' || (there.kind === 'present' && there.etag === object.etag);
}
