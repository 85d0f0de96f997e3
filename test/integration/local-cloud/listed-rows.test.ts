import { afterEach, beforeEach, expect, it } from 'vitest';
import { toSeriesRow } from '../../../functions/aws/table/series-rows.ts';
import type { DoneSeries, Series } from '../../../functions/series/series.ts';
import { triageOf } from '../../../functions/series/triage.ts';
import { type LocalTable, startLocalTable } from '../../support/local-table.ts';
import { doneRow, ROW_TIME } from '../../support/series-rows.ts';

let table: LocalTable;
beforeEach(async () => {
  table = await startLocalTable();
});
afterEach(() => table.stop());

const numbered = (n: number, triageStatus: 'critical' | 'routine'): DoneSeries =>
  doneRow({ seriesInstanceUid: `1.2.${n}`, triageStatus, changedAt: ROW_TIME.replace('00:00', `00:0${n}`) });

/** As versions wrote it whose keys do not tell what is critical. */
const putOld = (series: Series) =>
  table.put({ ...toSeriesRow(series), state: 'DONE#1', sourceAndState: `${series.source}:DONE#1` });

const uids = async (query: { isCriticalOnly: boolean; source?: string }) => {
  const isWanted = (series: Series) => !query.isCriticalOnly || triageOf(series) === 'critical';
  const { series } = await table.stores.series.list({ ...query, state: 'DONE', isWanted, limit: 10 });
  return series.map(({ seriesInstanceUid }) => seriesInstanceUid);
};

it('lists stay whole while rows of an earlier version get the keys of this one, and while both versions write', async () => {
  const { series } = table.stores;
  await putOld(numbered(1, 'critical'));
  await putOld(numbered(2, 'routine'));
  await table.put(toSeriesRow(numbered(3, 'critical')));
  await table.put(toSeriesRow(numbered(4, 'routine')));
  const expectWhole = async () => {
    for (const of of [{}, { source: 'siteA' }]) {
      expect(await uids({ ...of, isCriticalOnly: true })).toEqual(['1.2.3', '1.2.1']);
      expect(await uids({ ...of, isCriticalOnly: false })).toEqual(['1.2.4', '1.2.3', '1.2.2', '1.2.1']);
    }
    expect(await series.count({ states: ['DONE'] })).toEqual([{ state: 'DONE', count: 4, isComplete: true }]);
  };
  await expectWhole();

  const { unindexed } = await series.list({ limit: 10 });
  expect(unindexed.map(({ seriesInstanceUid }) => seriesInstanceUid)).toEqual(['1.2.2', '1.2.1']);
  for (const row of unindexed) await series.addToIndex(row);
  expect((await series.list({ limit: 10 })).unindexed).toEqual([]);
  await expectWhole();

  // A function of the earlier version saves a row that has the new keys.
  await putOld(numbered(3, 'critical'));
  await expectWhole();
});
