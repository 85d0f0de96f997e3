import type { BatchGetItemOutput, QueryOutput } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { createSeriesStore } from '../../../../functions/aws/table/series-store.ts';
import type { Series } from '../../../../functions/series/series.ts';
import { addSeconds } from '../../../../functions/shared/time.ts';
import { clientOf } from '../../../services/wire.ts';
import { doneRow, ROW_TIME } from '../../../support/series-rows.ts';
import { VirtualClock } from '../../../support/world/virtual-clock.ts';
import { createSimulatedTable, createWorldStores, TABLE } from '../../../support/world/world-stores.ts';

const HELD = 2_100;

/** Counts the rows that are read, and the entries of indexes. */
function tableOf(count: number) {
  const table = createSimulatedTable(new VirtualClock(ROW_TIME));
  const read = { rows: 0, entries: 0 };
  const client = clientOf(table, async (request) => {
    const answer = request.execute();
    const { Responses = {}, ScannedCount = 0 } = answer as Pick<
      QueryOutput & BatchGetItemOutput,
      'Responses' | 'ScannedCount'
    >;
    read.rows += Object.values(Responses).flat().length;
    read.entries += ScannedCount;
    return answer;
  });
  const { series } = createWorldStores(table);
  for (let at = 0; at < count; at += 1)
    series.seed(doneRow({ seriesInstanceUid: `1.2.${at}`, changedAt: addSeconds(ROW_TIME, at) }));
  return { read, store: createSeriesStore({ client, tableName: TABLE }) };
}

test('reads a bounded number of rows for a page, and leads on to the next ones', async () => {
  const { read, store } = tableOf(HELD);
  const isWanted = ({ seriesInstanceUid }: Series) => seriesInstanceUid === '1.2.0';
  const seen: number[] = [];
  let cursor: string | undefined;
  do {
    read.rows = 0;
    const page = await store.list({ limit: 10, isWanted, ...(cursor === undefined ? {} : { cursor }) });
    expect(read.rows).toBeLessThanOrEqual(1000);
    seen.push(page.series.length);
    cursor = page.cursor;
  } while (cursor !== undefined);
  expect(seen).toEqual([0, 0, 1]);
});

test('counts a bounded number of entries, and says so', async () => {
  const { read, store } = tableOf(11_000);
  const done = (await store.count({})).find(({ state }) => state === 'DONE');
  expect(done).toEqual({ state: 'DONE', count: 10_000, isComplete: false });
  expect(read).toEqual({ rows: 0, entries: 10_000 });
});
