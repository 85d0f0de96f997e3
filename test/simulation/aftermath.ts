import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { EXPIRY_ATTRIBUTE } from '../../functions/aws/table/expiry.ts';
import { fingerprintOf, type Instance } from '../../functions/instances/instance.ts';
import type { Series } from '../../functions/series/series.ts';
import { BrokenInvariantError } from './broken-invariant.ts';
import { MOST_SECONDS_OF_PARTS } from './dropped-objects.ts';
import { type Drop, dropsOf, type InstancePlace, instancesIn } from './drops.ts';
import { coverageKey } from './fault-plan.ts';
import { type Evidence, expectFinal, expectSilence, seriesRows } from './invariants.ts';
import type { Scenario, SeriesScenario } from './scenario.ts';
import { SCAN_DAYS } from './scenario-sources.ts';
import { DROP_BUCKET } from './world-names.ts';

const DAY_MS = 86_400_000;
/** Rows are kept for two weeks more than their objects, and for a day more where DynamoDB is quick. */
const EXPIRED_MS = (SCAN_DAYS + 16) * DAY_MS;
/** S3 is late with one in so many objects. */
const LATE_OBJECT_ONE_IN = 4;
const MOST_OTHERS = 12;

/** What is known of a series before anything comes late. */
interface Standing {
  row: string;
  accepted: number;
}

/**
 * Long after all was done, scans and the rows of their instances expire, some late. Then slices come late, a person asks for
 * everything once more, and the reconciliation looks at all of it. No set may be computed that lacks what was judged before.
 */
export async function playAftermath(
  evidence: Evidence,
  drops: readonly Drop[],
  dropNow: (drop: Drop) => void,
): Promise<void> {
  const { world, monitor } = evidence;
  const { aftermath } = world.scenario;
  if (aftermath === undefined) return;
  await world.scheduler.run(() => false, EXPIRED_MS);
  expireObjects(evidence);
  // S3 deletes with them what is uploaded in parts under their keys meanwhile.
  await world.scheduler.run(() => false, MOST_SECONDS_OF_PARTS * 1000);
  let kept = 0;
  world.table.deleteExpired(EXPIRY_ATTRIBUTE, () => {
    const isKept = aftermath.keptOneIn > 0 && world.random.isOneIn(aftermath.keptOneIn);
    if (isKept) kept += 1;
    return !isKept;
  });
  if (kept > 0) world.plan.coverage.set(coverageKey('late_expiry', 'check-completion'), kept);
  const before = standingsOf(evidence);
  const late = lateDrops(world.scenario, drops);
  const again = aftermath.drops === 'whole' ? newestOf(drops) : [];
  const comesInOneGo = [...again, ...late];
  for (const drop of comesInOneGo) world.planFromOutside(world.seconds() + 1, () => dropNow(drop));
  await world.run();
  await askAgain(evidence);
  await world.run();
  if (monitor.broken !== undefined) throw monitor.broken;
  expectFinal(seriesRows(world));
  expectSilence(world);
  if (aftermath.drops === 'whole') expectWhole(evidence, drops, again);
  else expectNothingComputed(evidence, before, late);
}

function expireObjects({ world }: Evidence): void {
  for (const key of new Set([...world.bucket.objects()].map((object) => object.key))) {
    if (world.random.isOneIn(LATE_OBJECT_ONE_IN)) continue;
    world.bucket.execute(new DeleteObjectCommand({ Bucket: DROP_BUCKET, Key: key }));
  }
}

/** Instances that the scenario has not dropped, each as a file. */
function lateDrops(scenario: Scenario, drops: readonly Drop[]): Drop[] {
  const known = new Set(drops.flatMap(({ place }) => instancesIn(place).map(sopOf)));
  const more = (one: SeriesScenario): SeriesScenario => {
    const { marker: _marker, archive: _archive, ...rest } = one;
    const count = scenario.aftermath?.drops === 'others' ? Math.min(one.instances, MOST_OTHERS) : 1;
    return { ...rest, instances: one.instances + count, repetitions: [], deletions: [], lateInstances: 0 };
  };
  return dropsOf({ ...scenario, series: scenario.series.map(more), rubbish: [] }).filter(
    ({ place }) => place.kind === 'instance' && !known.has(sopOf(place)),
  );
}

function sopOf({ source, sopInstanceUid }: InstancePlace): string {
  return `${source} ${sopInstanceUid}`;
}

/** Each file and archive with instances, as it was dropped last. */
function newestOf(drops: readonly Drop[]): Drop[] {
  const withInstances = drops.filter(({ place }) => instancesIn(place).length > 0);
  return [...new Map(withInstances.map((drop) => [drop.key, drop])).values()];
}

function standingsOf({ world }: Evidence): Map<string, Standing> {
  return new Map(
    seriesRows(world).map((row) => [
      idOf(row),
      { row: JSON.stringify(row), accepted: world.qureOf(row).accepted.length },
    ]),
  );
}

/** A person, for each series, and the reconciliation, of everything. */
async function askAgain({ world }: Evidence): Promise<void> {
  const asked = seriesRows(world).map(({ source, seriesInstanceUid }) =>
    world.scenario.aftermath?.drops === 'whole'
      ? undefined
      : world.stages.callApi(
          'POST',
          `/v1/series/${seriesInstanceUid}/retry`,
          { recompute: true },
          { source },
        ),
  );
  const reconciled = world.stages.reconcileAll();
  await world.scheduler.run(() => world.stages.isIdle());
  await Promise.all([...asked, reconciled]);
}

function expectNothingComputed(
  { world }: Evidence,
  before: ReadonlyMap<string, Standing>,
  late: readonly Drop[],
): void {
  const withheld = new Set(
    [...world.rows].flatMap(([key, row]) => {
      const object = row['object'] as { key: string; reason: string } | undefined;
      return key.startsWith('QUARANTINE#') && object?.reason === 'instances_expired' ? [object.key] : [];
    }),
  );
  for (const row of seriesRows(world)) {
    const standing = before.get(idOf(row));
    if (standing === undefined) continue;
    if (JSON.stringify(row) !== standing.row)
      broken(
        '11: a series whose instances have expired was changed by a late slice, a person or the reconciliation',
      );
    if (world.qureOf(row).accepted.length !== standing.accepted)
      broken('11: a series was computed whose instances have expired');
  }
  for (const { key, place } of late) {
    const isOfKnown = place.kind === 'instance' && before.has(`${place.source}#${place.seriesInstanceUid}`);
    if (isOfKnown && !withheld.has(key)) broken('11: nothing says that a late slice is not computed');
  }
  const lateRows = new Set(late.flatMap(({ place }) => instancesIn(place).map(sopOf)));
  const nowSeconds = world.scheduler.nowMs() / 1000;
  for (const [key, row] of world.rows) {
    const [pk = '', sop = ''] = key.split(' I#');
    const isNew = Number(row[EXPIRY_ATTRIBUTE]) > nowSeconds;
    if (sop !== '' && isNew && !lateRows.has(`${pk.split('#')[0]} ${sop}`))
      broken('11: an object that had expired was indexed anew');
  }
}

/**
 * Dropped whole, a series stands for its rows again. What was taken away, or replaced, before is not dropped again with it: also what
 * lay in an archive whose key was used again for another study.
 */
function expectWhole({ world, deletedFrom }: Evidence, drops: readonly Drop[], again: readonly Drop[]): void {
  const places = again.flatMap(({ place }) => instancesIn(place));
  const here = new Set(places.map(sopOf));
  const missing = drops.flatMap(({ place }) => instancesIn(place)).filter((one) => !here.has(sopOf(one)));
  const partly = new Set(missing.map(idOf));
  const whole = new Set(places.map(idOf).filter((id) => !partly.has(id)));
  for (const row of seriesRows(world)) {
    if (deletedFrom.has(row.seriesInstanceUid) || !whole.has(idOf(row))) continue;
    if (
      !('fingerprint' in row) ||
      row.fingerprint !== fingerprintOf(freshRowsOf(world.rows, row, world.scheduler.nowMs()))
    )
      broken('11: a series that was dropped whole again does not stand for its rows');
  }
}

function freshRowsOf(rows: Evidence['world']['rows'], series: Series, nowMs: number) {
  const prefix = `${idOf(series)} I#`;
  return [...rows].flatMap(([key, row]) =>
    key.startsWith(prefix) && Number(row[EXPIRY_ATTRIBUTE]) > nowMs / 1000
      ? [{ sopInstanceUid: key.slice(prefix.length), object: row['object'] as Instance['object'] }]
      : [],
  );
}

function idOf({ source, seriesInstanceUid }: Pick<Series, 'source' | 'seriesInstanceUid'>): string {
  return `${source}#${seriesInstanceUid}`;
}

function broken(message: string): never {
  throw new BrokenInvariantError(message);
}
