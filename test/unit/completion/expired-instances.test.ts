import { beforeEach, describe, expect, test } from 'vitest';
import { EXPIRY_ATTRIBUTE } from '../../../functions/aws/table/expiry.ts';
import { handleLateArrival } from '../../../functions/completion/complete-series.ts';
import { registerMarker } from '../../../functions/ingest/register-marker.ts';
import type { Row } from '../../services/table/options.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { ID, keyOf, putSlices } from '../../support/world/scans.ts';
import { completedSeries, index, lastOf, seriesIn } from '../../support/world/stages.ts';
import { sourceNamed, type World } from '../../support/world/world.ts';
import { askApi } from '../api/ask-api.ts';
import { doneSeries, kindsOf, reconcile, run } from '../recovery/reconcile/reconcile-all.ts';

const DAY = 86_400;
const SCAN_DAYS = 30;
/** Rows are kept for two weeks more, and are deleted a day after that at the earliest. */
const ROW_DAYS = SCAN_DAYS + 15;

const source = sourceNamed('default', { retention: { scanDays: SCAN_DAYS } });

/** Which of the expired rows DynamoDB has deleted. */
const DELETIONS: { deleted: string; isTaken: (row: Row) => boolean }[] = [
  { deleted: 'all', isTaken: () => true },
  { deleted: 'some', isTaken: ({ sk }) => String(sk).endsWith('.1') },
  { deleted: 'none', isTaken: () => false },
];

function expire(world: World, isTaken: (row: Row) => boolean = () => true): void {
  world.clock.advance(ROW_DAYS * DAY);
  for (const key of world.drop.keys()) world.drop.delete(key);
  world.table.deleteExpired(EXPIRY_ATTRIBUTE, isTaken);
}

const quarantined = (world: World) => world.quarantine.all().map(({ key, reason }) => `${reason} ${key}`);

async function late(world: World, ...keys: string[]): Promise<void> {
  await index(world, keys);
  await run(world);
}

describe.each(DELETIONS)(
  'after its rows have expired, and DynamoDB has deleted $deleted of them, a series',
  ({ isTaken }) => {
    let world: World;
    beforeEach(async () => {
      world = newWorld({ sources: [source] });
      await doneSeries(world, 3);
      expire(world, isTaken);
    });

    test('is not computed for a late slice; the quarantine says so', async () => {
      const before = await seriesIn(world, 'DONE');
      const calls = world.compute.sent.length;
      await late(world, ...putSlices(world, 1, { from: 4 }));
      expect(await seriesIn(world, 'DONE')).toEqual(before);
      expect(world.compute.sent).toHaveLength(calls);
      expect(quarantined(world)).toEqual([`instances_expired ${keyOf(4)}`]);
      expect(world.metrics).toContainEqual(
        expect.objectContaining({
          name: 'ObjectsQuarantined',
          dimensions: { reason: 'instances_expired', source: 'default' },
        }),
      );
    });

    test('is not computed for as many others as it had', async () => {
      const before = await seriesIn(world, 'DONE');
      await late(world, ...putSlices(world, 3, { from: 4 }));
      expect(await seriesIn(world, 'DONE')).toEqual(before);
      expect(quarantined(world)).toHaveLength(3);
    });

    test('is not computed for a late slice below a marker', async () => {
      const before = await seriesIn(world, 'DONE');
      await index(world, putSlices(world, 1, { from: 4 }));
      await handleLateArrival(world.deps, ID, source, 'marker');
      expect(await seriesIn(world, 'DONE')).toEqual(before);
      expect(quarantined(world)).toEqual([`instances_expired ${keyOf(4)}`]);
    });

    test('is not computed by a person', async () => {
      const before = await seriesIn(world, 'DONE');
      const path = `/v1/series/${ID.seriesInstanceUid}/retry`;
      const { status, body } = await askApi(world, path, { method: 'POST', body: { recompute: true } });
      expect({ status, body }).toMatchObject({
        status: 409,
        body: { detail: expect.stringMatching(/drop the whole series again/) },
      });
      expect(await seriesIn(world, 'DONE')).toEqual(before);
    });

    test('has nothing to do when the same is dropped again', async () => {
      const before = await seriesIn(world, 'DONE');
      await late(world, ...putSlices(world, 3));
      expect(await seriesIn(world, 'DONE')).toEqual(before);
      expect(quarantined(world)).toEqual([]);
    });

    test('is computed when the whole is dropped again with one more', async () => {
      await late(world, ...putSlices(world, 1, { from: 4 }));
      await late(world, ...putSlices(world, 3));
      expect(await seriesIn(world, 'DONE')).toMatchObject({ generation: 2, uploadRound: 1, instances: 4 });
      expect(quarantined(world)).toEqual([]);
    });

    test('is no difference for the reconciliation', async () => {
      expect(kindsOf(await reconcile(world, { repair: true }))).toEqual([]);
      await seriesIn(world, 'DONE');
    });
  },
);

test('an object that S3 has not expired yet is neither new to the reconciliation nor to a marker', async () => {
  const world = newWorld({ sources: [source] });
  await doneSeries(world, 3);
  const before = await seriesIn(world, 'DONE');
  world.clock.advance(ROW_DAYS * DAY);
  world.table.deleteExpired(EXPIRY_ATTRIBUTE);
  expect(kindsOf(await reconcile(world, { repair: true }))).toEqual([]);
  world.drop.put('default/Doe^Jane/_COMPLETE', Buffer.from(''));
  await registerMarker(world.deps, 'default/Doe^Jane/_COMPLETE', source);
  await run(world);
  expect(await seriesIn(world, 'DONE')).toEqual(before);
  expect(world.instances.all()).toEqual([]);
});

test('a whole series that is on its way again is not quarantined, slice by slice', async () => {
  const world = newWorld({ sources: [source] });
  await doneSeries(world, 3);
  expire(world);
  await index(world, putSlices(world, 1));
  await handleLateArrival(world.deps, ID, source, undefined);
  expect(quarantined(world)).toEqual([]);
  expect(world.completion.sent.at(-1)).toMatchObject({ message: { kind: 'late' }, delaySeconds: 60 });
});

test('a series that was dropped again before it expired is as young as that', async () => {
  const world = newWorld({ sources: [source] });
  await doneSeries(world, 3);
  world.clock.advance(20 * DAY);
  await late(world, ...putSlices(world, 3));
  world.clock.advance((ROW_DAYS - 2) * DAY);
  world.table.deleteExpired(EXPIRY_ATTRIBUTE);
  expect(world.instances.all()).toHaveLength(3);
  await late(world, ...putSlices(world, 1, { from: 4 }));
  expect(await seriesIn(world, 'DONE')).toMatchObject({ generation: 2, instances: 4 });
});

test('a series that expires before it was judged is skipped, and says why', async () => {
  const world = newWorld({ sources: [source] });
  await index(world, putSlices(world, 2));
  world.clock.advance(20 * DAY);
  await index(world, putSlices(world, 1, { from: 3 }));
  world.clock.advance(25 * DAY);
  world.table.deleteExpired(EXPIRY_ATTRIBUTE);
  await run(world);
  expect(await seriesIn(world, 'SKIPPED')).toMatchObject({ reason: 'instances_expired', instances: 1 });
});

test('a series that expires while it waits for the compute stage fails, and nothing is sent', async () => {
  const world = newWorld({ sources: [source] });
  await completedSeries(world);
  world.clock.advance(ROW_DAYS * DAY);
  world.table.deleteExpired(EXPIRY_ATTRIBUTE, ({ sk }) => String(sk).endsWith('.2'));
  await run(world);
  expect(await seriesIn(world, 'FAILED')).toMatchObject({
    reason: 'object_missing',
    detail: expect.stringMatching(/drop the whole series again/),
  });
});

describe('a series that an earlier version has judged', () => {
  /** As if it had been judged by functions that did not store the set. */
  async function doneBefore(world: World): Promise<void> {
    await doneSeries(world, 3);
    const { judgedSet: _stored, ...series } = await seriesIn(world, 'DONE');
    world.series.seed(series);
  }

  test('goes on with a late slice where its rows do not expire', async () => {
    const world = newWorld({ sources: [{ ...source, retention: {} }] });
    await doneBefore(world);
    world.sources = [source];
    expire(world);
    await late(world, ...putSlices(world, 1, { from: 4 }));
    expect(await seriesIn(world, 'DONE')).toMatchObject({ generation: 2, instances: 4 });
  });

  test('is not computed from fewer where they do', async () => {
    const world = newWorld({ sources: [source] });
    await doneBefore(world);
    expire(world);
    const before = await seriesIn(world, 'DONE');
    await late(world, ...putSlices(world, 1, { from: 4 }));
    expect(await seriesIn(world, 'DONE')).toEqual(before);
    expect(quarantined(world)).toEqual([`instances_expired ${keyOf(4)}`]);
  });
});

test('an instance that is taken away before the expiry is no expired one', async () => {
  const world = newWorld({ sources: [source] });
  await doneSeries(world, 3);
  const [row] = world.instances.all();
  if (row === undefined) throw new Error('expected a row');
  await world.reconciliation.removeInstance(row);
  await handleLateArrival(world.deps, ID, source, 'quiet');
  expect(lastOf(world.compute.sent)).toMatchObject({ ...ID });
  expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ generation: 2, instances: 2 });
});

describe('rows', () => {
  const expiryOf = (world: World) =>
    new Map(
      [...world.table.rows()].map((row) => {
        const days = (Number(row[EXPIRY_ATTRIBUTE]) - world.clock.nowMs() / 1000) / DAY;
        return [String(row['sk']).split('#')[0] ?? '', Number.isNaN(days) ? 'never' : Math.round(days)];
      }),
    );

  test('of instances expire after their objects; the others stay with the results', async () => {
    const world = newWorld({ sources: [source] });
    await doneSeries(world, 1);
    expect(Object.fromEntries(expiryOf(world))).toMatchObject({
      SERIES: 'never',
      I: ROW_DAYS,
      U: 'never',
      J: 'never',
    });
  });

  test('of a series expire after its results', async () => {
    const world = newWorld({ sources: [{ ...source, retention: { scanDays: SCAN_DAYS, resultDays: 90 } }] });
    await doneSeries(world, 1);
    expect(Object.fromEntries(expiryOf(world))).toMatchObject({ SERIES: 119, I: ROW_DAYS, U: 119, J: 119 });
  });

  test.each([[{}], [{ resultDays: 90 }]])('never expire where scans never do: %j', async (retention) => {
    const world = newWorld({ sources: [{ ...source, retention }] });
    await doneSeries(world, 1);
    expect([...expiryOf(world).values()].filter((days) => days !== 'never')).toEqual([]);
    expect([...expiryOf(world).keys()]).not.toContain('J');
  });

  test('of a series that is open again do not', async () => {
    const world = newWorld({ sources: [{ ...source, retention: { scanDays: SCAN_DAYS, resultDays: 90 } }] });
    await doneSeries(world, 1);
    await index(world, putSlices(world, 1, { from: 2 }));
    await handleLateArrival(world.deps, ID, source, undefined);
    await seriesIn(world, 'RECEIVING');
    expect(expiryOf(world).get('SERIES')).toBe('never');
  });

  test('of the quarantine and of markers expire, too, since keys hold names', async () => {
    const world = newWorld({ sources: [source] });
    world.drop.put('default/Doe^Jane/notes.txt', Buffer.from('to whom it may concern '.repeat(20)));
    await index(world, ['default/Doe^Jane/notes.txt']);
    world.drop.put('default/Doe^Jane/_COMPLETE', Buffer.from('{"instances": 9}'));
    await registerMarker(world.deps, 'default/Doe^Jane/_COMPLETE', source);
    await index(world, putSlices(world, 1));
    expect(world.quarantine.all()).toHaveLength(1);
    const days = [...world.table.rows()]
      .filter(({ sk }) => sk !== 'SERIES')
      .map((row) => (Number(row[EXPIRY_ATTRIBUTE]) - world.clock.nowMs() / 1000) / DAY);
    expect(days.length).toBeGreaterThanOrEqual(4);
    for (const each of days) expect(Math.round(each)).toBe(ROW_DAYS);
  });
});
