import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import {
  DUE_SHARDS,
  dueMinuteOf,
  dueShardOf,
  seriesPk,
  shardedKey,
  shardsOf,
  stateOfKey,
} from '../../../../functions/aws/table/keys.ts';
import { toSeriesRow } from '../../../../functions/aws/table/series-rows.ts';
import { createSeriesStore } from '../../../../functions/aws/table/series-store.ts';
import type { Series } from '../../../../functions/series/series.ts';
import { addSeconds } from '../../../../functions/shared/time.ts';
import { clientOf, type Wire } from '../../../services/wire.ts';
import { doneRow, ROW_TIME, receivingRow } from '../../../support/series-rows.ts';
import { VirtualClock } from '../../../support/world/virtual-clock.ts';
import { createSimulatedTable, createWorldStores, TABLE } from '../../../support/world/world-stores.ts';

const idOf = (n: number) => ({ source: 'siteA', seriesInstanceUid: `1.2.${n}` });
const MANY = Array.from({ length: 4_000 }, (_, n) => idOf(n));

function newTable() {
  const table = createSimulatedTable(new VirtualClock(ROW_TIME));
  const over = (wire: Wire) => createSeriesStore({ client: clientOf(table, wire), tableName: TABLE });
  /** As versions without shards wrote it. */
  const seedOld = (series: Series) => {
    const { sourceAndState: _none, ...row } = toSeriesRow(series);
    const Item = { ...row, ...series, writeId: 'old', ...(series.dueAt !== undefined && { dueShard: '3' }) };
    table.execute(new PutCommand({ TableName: TABLE, Item }));
  };
  return { table, over, seedOld, ...createWorldStores(table) };
}

describe('the shards', () => {
  it('have about the same number of series', () => {
    const counts = (shards: readonly string[], shardOf: (n: number) => string) =>
      shards.map((shard) => MANY.filter((_id, n) => shardOf(n) === shard).length);
    for (const count of counts(DUE_SHARDS, (n) => dueShardOf(idOf(n)))) {
      expect(count).toBeGreaterThan((0.8 * MANY.length) / DUE_SHARDS.length);
    }
    const states = shardsOf('DONE');
    for (const count of counts(states, (n) => shardedKey('DONE', seriesPk(idOf(n))))) {
      expect(count).toBeGreaterThan((0.8 * MANY.length) / states.length);
    }
  });

  it('are stable, and the first one has the key alone, as earlier versions wrote it', () => {
    expect(shardsOf('DONE')).toEqual(['DONE', 'DONE#1', 'DONE#2', 'DONE#3']);
    const keys = [...shardsOf('DONE'), ...shardsOf('DONE#critical')];
    expect(new Set(keys.map(stateOfKey))).toEqual(new Set(['DONE']));
    expect(Array.from({ length: 4 }, (_, n) => shardedKey('DONE', `a#1.${n}`))).toEqual([
      'DONE#3',
      'DONE#3',
      'DONE',
      'DONE#2',
    ]);
  });

  it.each([
    ['2026-03-01T10:00:00.000Z', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01T10:00:00.001Z', '2026-03-01T10:01:00.000Z'],
    ['2026-03-01T10:59:59.999Z', '2026-03-01T11:00:00.000Z'],
  ])('%s is due at %s', (dueAt, expected) => {
    expect(dueMinuteOf(dueAt)).toBe(expected);
  });
});

describe('rows of all shards', () => {
  it('are listed in one order, page by page', async () => {
    const { series } = newTable();
    for (let n = 0; n < 120; n += 1) {
      const row = n % 3 === 0 ? receivingRow : doneRow;
      series.seed(row({ ...idOf(n), changedAt: addSeconds(ROW_TIME, Math.floor(n / 4)) }));
    }
    for (const query of [{}, { source: 'siteA' }]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await series.list({ ...query, limit: 7, ...(cursor === undefined ? {} : { cursor }) });
        seen.push(...page.series.map(({ changedAt }) => changedAt));
        cursor = page.cursor;
      } while (cursor !== undefined);
      expect(seen).toHaveLength(120);
      expect(seen).toEqual([...seen].sort().reverse());
    }
  });

  it('show the state, never the shard', async () => {
    const { table, series } = newTable();
    for (const id of MANY.slice(0, 20))
      await series.touch({ ...id, studyInstanceUid: '1', now: ROW_TIME, dueAt: ROW_TIME });
    const stored = [...table.rows()].map((row) => row['state']);
    expect(new Set(stored)).toEqual(new Set(shardsOf('RECEIVING')));
    const { series: listed } = await series.list({ limit: 20, state: 'RECEIVING' });
    expect(listed.map(({ state }) => state)).toEqual(Array.from({ length: 20 }, () => 'RECEIVING'));
    expect(listed.every((one) => !('sourceAndState' in one))).toBe(true);
  });
});

describe('a row of an earlier version', () => {
  const old = receivingRow({ ...idOf(1), dueAt: '2026-03-01T10:02:30.000Z' });

  it('is loaded, due, and listed among all', async () => {
    const { series, seedOld } = newTable();
    seedOld(old);
    expect(await series.load(old)).toEqual(old);
    expect(await series.due('2026-03-01T10:02:30.000Z', 10)).toEqual([idOf(1)]);
    const { series: listed, unindexed } = await series.list({ limit: 10 });
    expect([listed, unindexed]).toEqual([[old], [old]]);
  });

  it('takes arrivals and tickets, and is judged', async () => {
    const { series, seedOld } = newTable();
    seedOld(old);
    const touched = await series.touch({ ...old, now: ROW_TIME, dueAt: ROW_TIME });
    expect(touched).toEqual({ kind: 'refreshed', ticket: 2 });
    expect(await series.rearm(old, ROW_TIME)).toEqual({ kind: 'rearmed', ticket: 3 });
    // The arrival has put it into the list of its source.
    expect((await series.list({ limit: 10, source: 'siteA' })).series).toHaveLength(1);
  });

  it('is listed by its source once it is in the index', async () => {
    const { series, seedOld } = newTable();
    const done = doneRow(idOf(2));
    seedOld(done);
    expect((await series.list({ limit: 10, source: 'siteA' })).series).toEqual([]);
    const { unindexed } = await series.list({ limit: 10 });
    for (const row of unindexed) await series.addToIndex(row);
    expect(await series.list({ limit: 10, source: 'siteA' })).toMatchObject({
      series: [done],
      unindexed: [],
    });
    // A row that has moved since is left as it is.
    await series.addToIndex({ ...done, version: done.version - 1 });
    expect(await series.load(done)).toEqual(done);
  });
});

it('lists a source while DynamoDB fills its index', async () => {
  const { over, series } = newTable();
  const rows = [doneRow(idOf(1)), doneRow({ ...idOf(2), source: 'siteB' })];
  for (const row of rows) series.seed(row);
  const filling = over(async (request) => {
    const { IndexName } = request.input as { IndexName?: string };
    if (IndexName === 'bySourceState')
      throw Object.assign(new Error('Cannot read from backfilling global secondary index'), {
        name: 'ValidationException',
      });
    return request.execute();
  });
  expect((await filling.list({ limit: 10, source: 'siteB' })).series).toEqual(rows.slice(1));
  const throttled = over(async () => Promise.reject(new Error('throttled')));
  await expect(throttled.list({ limit: 10, source: 'siteB' })).rejects.toThrow('throttled');
});
