import type { BatchGetCommandInput } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { listedSeries } from '../../../bench/listed-series.ts';
import { listStudies } from '../../../functions/api/studies-route.ts';
import { createAccessionStore } from '../../../functions/aws/table/accession-store.ts';
import { createSeriesStore } from '../../../functions/aws/table/series-store.ts';
import { clientOf } from '../../services/wire.ts';
import { VirtualClock } from '../../support/world/virtual-clock.ts';
import { createSimulatedTable, createWorldStores, TABLE } from '../../support/world/world-stores.ts';

/**
 * What a list costs: each request is time on one machine and read units in the cloud, so the first line of the console is as fast as
 * these are few (docs/benchmarks.md).
 */
const NOW = '2026-03-01T10:00:00.000Z';
const SHARDS = 4;

type Listing = Partial<Parameters<typeof listStudies>[1]>;
type Most = { states: number; reads: number; rows: number };

test.each<[string, Listing, Most]>([
  // Of each study a query. One study more than is shown tells whether any follows.
  ['what is critical', { triage: ['critical'] }, { states: 8, reads: 3, rows: 60 }],
  [
    'what waits',
    { state: ['RECEIVING', 'COMPLETE', 'UPLOADING', 'COMPUTING'], sort: 'oldest' },
    { states: 4, reads: 2, rows: 45 },
  ],
])('a first page of %s makes few requests and reads few rows', async (_name, listing, most) => {
  const table = createSimulatedTable(new VirtualClock(NOW));
  const requests: Record<string, number> = {};
  let rows = 0;
  const client = clientOf(table, async (request) => {
    requests[request.operation] = (requests[request.operation] ?? 0) + 1;
    const { RequestItems: items = {} } = request.input as BatchGetCommandInput;
    rows += items[TABLE]?.Keys?.length ?? 0;
    return request.execute();
  });
  const { series: seeded } = createWorldStores(table);
  for (const series of listedSeries(5_000, new Date(NOW))) seeded.seed(series);
  const ref = { client, tableName: TABLE };
  const deps = { series: createSeriesStore(ref), accessions: createAccessionStore(ref) };

  const { items } = await listStudies(deps, { sort: 'newest', limit: 20, ...listing });

  expect(items).toHaveLength(20);
  expect(requests).toEqual({ Query: most.states * SHARDS + 21, BatchGetItem: expect.any(Number) });
  expect(requests['BatchGetItem']).toBeLessThanOrEqual(most.reads);
  expect(rows).toBeLessThanOrEqual(most.rows);
});
