import type { BatchGetCommandInput, QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it, test } from 'vitest';
import { shardsOf } from '../../../../functions/aws/table/keys.ts';
import { toSeriesRow } from '../../../../functions/aws/table/series-rows.ts';
import { createSeriesStore } from '../../../../functions/aws/table/series-store.ts';
import type { DoneSeries, EarlierGeneration, Series } from '../../../../functions/series/series.ts';
import { triageOf } from '../../../../functions/series/triage.ts';
import { defined } from '../../../../functions/shared/defined.ts';
import { clientOf } from '../../../services/wire.ts';
import { computingRow, doneRow, ROW_TIME } from '../../../support/series-rows.ts';
import { VirtualClock } from '../../../support/world/virtual-clock.ts';
import { createSimulatedTable, createWorldStores, TABLE } from '../../../support/world/world-stores.ts';

const CRITICAL = {
  isWanted: (series: Series) => triageOf(series) === 'critical',
  isCriticalOnly: true,
} as const;
const critical = (n: number): DoneSeries => doneRow({ ...idOf(n), triageStatus: 'critical' });
const routine = (n: number): DoneSeries => doneRow({ ...idOf(n), triageStatus: 'routine' });
const uidsOf = ({ series }: { series: readonly Series[] }) =>
  series.map(({ seriesInstanceUid }) => seriesInstanceUid).sort();

function idOf(n: number) {
  return { source: 'siteA', seriesInstanceUid: `1.2.${n}` };
}

function newTable() {
  const table = createSimulatedTable(new VirtualClock(ROW_TIME));
  /** The partitions that were asked for. */
  const asked = new Set<string>();
  const rows = { read: 0 };
  const client = clientOf(table, async (request) => {
    const { ExpressionAttributeValues: values } = request.input as QueryCommandInput;
    const { RequestItems: items = {} } = request.input as BatchGetCommandInput;
    rows.read += items[TABLE]?.Keys?.length ?? 0;
    if (values?.[':key'] !== undefined) asked.add(String(values[':key']));
    return request.execute();
  });
  /** As versions wrote it whose keys do not tell what is critical. */
  const seedOld = (series: Series, shard = '#3') => {
    const keys = { state: series.state + shard, sourceAndState: `${series.source}:${series.state}${shard}` };
    table.execute(new PutCommand({ TableName: TABLE, Item: { ...toSeriesRow(series), ...keys } }));
  };
  const keyOf = (n: number) =>
    [...table.rows()].find((row) => row['seriesInstanceUid'] === `1.2.${n}`)?.['state'];
  const { series } = createWorldStores(table);
  return {
    asked,
    rows,
    seedOld,
    keyOf,
    seed: series.seed,
    store: createSeriesStore({ client, tableName: TABLE }),
  };
}

const left: EarlierGeneration = {
  generation: 1,
  state: 'DONE',
  changedAt: ROW_TIME,
  leftAt: ROW_TIME,
  leftFor: 'retry',
  triage: 'critical',
};

describe('a series is listed', () => {
  test.each<[string, Series, string]>([
    ['DONE with a critical result', critical(1), 'DONE#critical'],
    ['DONE with a routine result', routine(1), 'DONE#other'],
    [
      'DONE with an X-ray that Qure calls critical',
      doneRow({ triageStatus: 'critical', product: 'qXR' }),
      'DONE#other',
    ],
    [
      'DONE with a routine result after a critical one',
      { ...routine(1), earlierGenerations: [left] },
      'DONE#other',
    ],
    ['computed again after a critical result', computingRow({ earlierGenerations: [left] }), 'COMPUTING'],
  ])('%s', (_name, series, key) => {
    const { state, sourceAndState } = toSeriesRow(series);
    expect(shardsOf(key)).toContain(state);
    expect(sourceAndState).toBe(`siteA:${state}`);
  });
});

describe.each([{}, { source: 'siteA' }])('a list of what is critical, %o', (of) => {
  it('reads no other results', async () => {
    const { asked, seed, store } = newTable();
    for (let n = 0; n < 40; n += 1) seed(n % 4 === 0 ? critical(n) : routine(n));
    expect((await store.list({ ...CRITICAL, ...of, limit: 50 })).series).toHaveLength(10);
    const keys = [...asked].map((key) => key.replace(/^siteA:/, ''));
    expect(keys).toEqual(expect.arrayContaining(shardsOf('DONE#critical')));
    expect(keys.filter((key) => key.startsWith('DONE#other'))).toEqual([]);
  });

  it('examines few rows more than it has series, where most are critical', async () => {
    const { rows, seed, store } = newTable();
    for (let n = 0; n < 200; n += 1) seed(n % 5 === 0 ? computingRow(idOf(n)) : critical(n));
    expect((await store.list({ ...CRITICAL, ...of, limit: 40 })).series).toHaveLength(40);
    expect(rows.read).toBeLessThan(70);
  });

  it('reads no more for a page that has enough studies, and its cursor leads on', async () => {
    const { rows, seed, store } = newTable();
    // Of each study two series, one of which is critical.
    const of100 = Array.from({ length: 100 }, (_, n) => ({ ...idOf(n), studyInstanceUid: `1.1.${n >> 1}` }));
    for (const [n, id] of of100.entries())
      seed(n % 2 === 0 ? computingRow(id) : doneRow({ ...id, triageStatus: 'critical' }));
    const query = { ...CRITICAL, ...of, limit: 40, studies: 10 };
    const first = await store.list(query);
    expect(new Set(first.series.map(({ studyInstanceUid }) => studyInstanceUid)).size).toBeGreaterThanOrEqual(
      10,
    );
    expect(rows.read).toBeLessThan(40);
    const seen = uidsOf(first);
    for (let { cursor } = first; cursor !== undefined; ) {
      const page = await store.list({ ...query, cursor });
      seen.push(...uidsOf(page));
      cursor = page.cursor;
    }
    expect([seen.length, new Set(seen).size]).toEqual([50, 50]);
  });

  it('has enough only with series of so many studies, where a study has several', async () => {
    const { seed, store } = newTable();
    for (let n = 0; n < 60; n += 1) seed({ ...critical(n), studyInstanceUid: `1.1.${Math.floor(n / 5)}` });
    const { series } = await store.list({ ...CRITICAL, ...of, limit: 50, studies: 4 });
    expect(new Set(series.map(({ studyInstanceUid }) => studyInstanceUid)).size).toBeGreaterThanOrEqual(4);
  });

  it('has what is computed again after a critical result', async () => {
    const { seed, store } = newTable();
    seed(computingRow({ ...idOf(1), earlierGenerations: [left] }));
    expect(uidsOf(await store.list({ ...CRITICAL, ...of, limit: 5 }))).toEqual(['1.2.1']);
  });

  it('has rows of an earlier version', async () => {
    const { seed, seedOld, store } = newTable();
    seed(critical(1));
    seedOld(critical(2));
    seedOld(routine(3));
    seedOld(critical(4), '');
    expect(uidsOf(await store.list({ ...CRITICAL, ...of, limit: 5 }))).toEqual(['1.2.1', '1.2.2', '1.2.4']);
  });
});

it('a result that is not critical any more leaves the list', async () => {
  const { seed, store } = newTable();
  seed(critical(1));
  const { series: loaded } = await store.list({ ...CRITICAL, limit: 5 });
  await store.save({ ...routine(1), version: loaded[0]?.version ?? 0 });
  expect(await store.list({ ...CRITICAL, limit: 5 })).toMatchObject({ series: [] });
  expect(uidsOf(await store.list({ state: 'DONE', limit: 5 }))).toEqual(['1.2.1']);
});

describe('a list of a state', () => {
  it('has series of all partitions in one order, page by page, each once', async () => {
    const { seed, seedOld, store } = newTable();
    const put = [seed, seedOld, (series: Series) => seedOld(series, '')];
    for (let n = 0; n < 60; n += 1) put[n % 3]?.(n % 2 === 0 ? critical(n) : routine(n));
    for (const of of [{}, { source: 'siteA' }]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.list({ state: 'DONE', ...of, limit: 7, ...defined({ cursor }) });
        seen.push(...page.series.map(({ seriesInstanceUid }) => seriesInstanceUid));
        cursor = page.cursor;
      } while (cursor !== undefined);
      expect([seen.length, new Set(seen).size]).toEqual([60, 60]);
      expect(await store.count({ states: ['DONE'], ...of })).toEqual([
        { state: 'DONE', count: 60, isComplete: true },
      ]);
    }
  });
});

describe('a row of an earlier version', () => {
  it('gets the keys of this one', async () => {
    const { keyOf, seed, seedOld, store } = newTable();
    seed(critical(1));
    seedOld(critical(2));
    seedOld(routine(3));
    const { unindexed } = await store.list({ state: 'DONE', limit: 5 });
    expect(uidsOf({ series: unindexed })).toEqual(['1.2.2', '1.2.3']);
    for (const series of unindexed) await store.addToIndex(series);
    expect(shardsOf('DONE#critical')).toContain(keyOf(2));
    expect(shardsOf('DONE#other')).toContain(keyOf(3));
    expect((await store.list({ state: 'DONE', limit: 5 })).unindexed).toEqual([]);
    expect(await store.load(critical(2))).toEqual(critical(2));
  });

  it('keeps its keys where it has changed since it was read', async () => {
    const { keyOf, seedOld, store } = newTable();
    seedOld(critical(2));
    await store.addToIndex({ ...critical(2), version: critical(2).version - 1 });
    expect(keyOf(2)).toBe('DONE#3');
  });
});
