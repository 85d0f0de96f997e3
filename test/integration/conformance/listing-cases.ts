import { createStoresOver } from '../../../functions/aws/table/stores.ts';
import type { SeriesQuery } from '../../../functions/series/series-store.ts';
import { addSeconds } from '../../../functions/shared/time.ts';
import { type ConformanceCase, type ConformanceWorld, TABLE } from './world.ts';

const NOW = '2026-05-04T10:00:00.000Z';
const at = (seconds: number) => addSeconds(NOW, seconds);
const SOURCE = 'listing';
const storesOf = (world: ConformanceWorld) => createStoresOver({ client: world.table, tableName: TABLE });

/** What the lists of the API send: ranges of an index in both directions, counts, and the rows by which studies and actions are found. */
export const listingCases: readonly ConformanceCase[] = [
  {
    name: 'lists: a range in both directions, page by page, and counted',
    expected: ['543210', '012345', '321', '123', '', '012345', 6, 3],
    run: async (world) => {
      const { series } = storesOf(world);
      for (let n = 0; n < 6; n += 1) {
        const id = { source: SOURCE, seriesInstanceUid: `1.7.${n}`, studyInstanceUid: '1.7' };
        await series.touch({ ...id, now: at(n), dueAt: at(n) });
      }
      await world.pass(100);
      const seen = async (query: Partial<SeriesQuery>) => {
        let numbers = '';
        let cursor: string | undefined;
        do {
          const page = { source: SOURCE, limit: 10, ...query };
          const answer = await series.list(cursor === undefined ? page : { ...page, cursor });
          numbers += answer.series.map(({ seriesInstanceUid }) => seriesInstanceUid.slice(-1)).join('');
          cursor = answer.cursor;
        } while (cursor !== undefined);
        return numbers;
      };
      const receiving = async (range: { since?: string; until?: string }) =>
        (await series.count({ source: SOURCE, ...range })).find(({ state }) => state === 'RECEIVING')?.count;
      const range = { since: at(1), until: at(4) };
      return [
        await seen({}),
        await seen({ sort: 'oldest' }),
        await seen({ ...range, limit: 2 }),
        await seen({ ...range, sort: 'oldest', limit: 1 }),
        await seen({ since: at(4), until: at(4) }),
        await seen({ studyInstanceUid: '1.7', sort: 'oldest', limit: 4 }),
        await receiving({}),
        await receiving(range),
      ];
    },
  },
  {
    name: 'lists: the first accession number of a series stays, and finds its study',
    expected: ['A1', ['head'], ['1.8'], ['1.8'], []],
    run: async (world) => {
      const { series, accessions } = storesOf(world);
      const arrival = {
        source: SOURCE,
        seriesInstanceUid: '1.8.1',
        studyInstanceUid: '1.8',
        now: NOW,
        dueAt: NOW,
      };
      await series.touch({ ...arrival, bodyParts: ['head'] });
      await series.touch({ ...arrival, accessionNumber: 'A1' });
      await series.touch({ ...arrival, accessionNumber: 'A2', bodyParts: ['chest'] });
      await accessions.add({ source: SOURCE, studyInstanceUid: '1.8', accessionNumber: 'A1' });
      const loaded = await series.load(arrival);
      return [
        loaded?.accessionNumber,
        loaded?.bodyParts,
        await accessions.studiesOf('a1'),
        await accessions.studiesOf('A1', SOURCE),
        await accessions.studiesOf('A1', 'other'),
      ];
    },
  },
  {
    name: 'lists: actions are found by day and by series, the newest first',
    expected: [
      ['three', 'two', 'one'],
      ['three', 'one'],
      ['two', 'one'],
    ],
    run: async (world) => {
      const { audit } = storesOf(world);
      const series = { source: SOURCE, seriesInstanceUid: '1.9.1' };
      const action = { by: 'local', kind: 'retry', request: { recompute: true } } as const;
      await audit.add({ ...action, id: 'one', at: at(0), series });
      await audit.add({ ...action, id: 'two', at: at(1) });
      await audit.add({ ...action, id: 'three', at: at(86_400), series });
      const listed = async (since: string, until: string) => {
        const ids: string[] = [];
        let cursor: string | undefined;
        do {
          const page = { since, until, limit: 1 };
          const answer = await audit.list(cursor === undefined ? page : { ...page, cursor });
          ids.push(...answer.actions.map(({ id }) => id));
          cursor = answer.cursor;
        } while (cursor !== undefined);
        return ids;
      };
      return [
        await listed(at(0), at(90_000)),
        (await audit.ofSeries(series, 10)).map(({ id }) => id),
        await listed(at(-90_000), at(86_400)),
      ];
    },
  },
];
