import { beforeAll, describe, expect, it } from 'vitest';
import { createSeriesStore } from '../../../../functions/aws/table/series-store.ts';
import type { Series } from '../../../../functions/series/series.ts';
import type { SeriesQuery, SeriesStore } from '../../../../functions/series/series-store.ts';
import { addSeconds } from '../../../../functions/shared/time.ts';
import { clientOf, type Wire } from '../../../services/wire.ts';
import { completeRow, doneRow, failedRow, ROW_TIME, receivingRow } from '../../../support/series-rows.ts';
import { VirtualClock } from '../../../support/world/virtual-clock.ts';
import { createSimulatedTable, createWorldStores, TABLE } from '../../../support/world/world-stores.ts';

const table = createSimulatedTable(new VirtualClock(ROW_TIME));
const { series } = createWorldStores(table);
const over = (wire: Wire) => createSeriesStore({ client: clientOf(table, wire), tableName: TABLE });

const arrival = (source: string, seriesInstanceUid: string, seconds = 0) => ({
  source,
  seriesInstanceUid,
  studyInstanceUid: `${seriesInstanceUid}.0`,
  modality: 'CT',
  now: addSeconds(ROW_TIME, seconds),
  dueAt: addSeconds(ROW_TIME, seconds + 180),
});

function store<S extends Series>(row: S): S {
  series.seed(row);
  return row;
}

describe('touch', () => {
  it('creates a series that is receiving, then only refreshes its last arrival', async () => {
    expect(await series.touch(arrival('siteA', '1.1'))).toEqual({ kind: 'created', ticket: 1 });
    expect(await series.touch({ ...arrival('siteA', '1.1', 5), studyInstanceUid: '9.9' })).toEqual({
      kind: 'refreshed',
      ticket: 1,
    });
    expect(await series.load({ source: 'siteA', seriesInstanceUid: '1.1' })).toMatchObject({
      source: 'siteA',
      seriesInstanceUid: '1.1',
      studyInstanceUid: '1.1.0',
      modality: 'CT',
      state: 'RECEIVING',
      generation: 1,
      version: 2,
      ticket: 1,
      firstArrivalAt: ROW_TIME,
      changedAt: ROW_TIME,
      lastArrivalAt: addSeconds(ROW_TIME, 5),
      outbox: [],
    });
  });

  it('creates a series once for concurrent arrivals', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, at) => series.touch(arrival('siteA', '1.2', at))),
    );
    expect(outcomes.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'refreshed')).toHaveLength(49);
    const row = await series.load({ source: 'siteA', seriesInstanceUid: '1.2' });
    expect(row?.version).toBe(50);
  });

  it('does not change a series that is not receiving', async () => {
    const done = store(doneRow({ seriesInstanceUid: '1.3' }));
    expect(await series.touch(arrival('siteA', '1.3', 99))).toEqual({ kind: 'closed' });
    expect(await series.load(done)).toEqual(done);
  });
});

describe('save', () => {
  it('lets one of fifty concurrent saves win; the others get a conflict', async () => {
    const row = store(receivingRow({ seriesInstanceUid: '2.1' }));
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, at) => series.save({ ...row, ticket: 100 + at })),
    );
    const won = outcomes.filter(({ kind }) => kind === 'saved');
    expect(won).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'conflict')).toHaveLength(49);
    expect(won).toEqual([{ kind: 'saved', series: await series.load(row) }]);
  });

  it('REQ-ORDER-1: writes the next version if the row still has the version that was read', async () => {
    const row = store(receivingRow({ seriesInstanceUid: '2.4', version: 7 }));
    expect(await series.save(row)).toEqual({ kind: 'saved', series: { ...row, version: 8 } });
    expect(await series.load(row)).toEqual({ ...row, version: 8 });
  });

  it('answers a conflict for a row that an arrival has touched in between', async () => {
    const row = store(receivingRow({ seriesInstanceUid: '2.2' }));
    await series.touch(arrival('siteA', '2.2', 9));
    expect(await series.save({ ...row, ticket: 9 })).toEqual({ kind: 'conflict' });
  });

  it('never creates a row that does not exist', async () => {
    const row = receivingRow({ seriesInstanceUid: '2.3' });
    expect(await series.save(row)).toEqual({ kind: 'conflict' });
    expect(await series.load(row)).toBeUndefined();
  });
});

describe('due', () => {
  const due = async (now: string, limit: number) =>
    (await series.due(now, limit)).map(({ seriesInstanceUid }) => seriesInstanceUid);

  it('lists the oldest first across shards, and none that is not due', async () => {
    const longAgo = '2020-01-01T00:00:00.000Z';
    const uids = Array.from({ length: 12 }, (_, at) => `3.1.${at}`);
    for (const [at, uid] of [...uids.entries()].reverse()) {
      store(receivingRow({ seriesInstanceUid: uid, dueAt: addSeconds(longAgo, 60 * at) }));
    }
    expect(await due(addSeconds(longAgo, 9 * 60), 100)).toEqual(uids.slice(0, 10));
    expect(await due(addSeconds(longAgo, 9 * 60), 4)).toEqual(uids.slice(0, 4));
    expect(await due(addSeconds(longAgo, -1), 100)).toEqual([]);
  });

  it('does not list a series without dueAt, nor one that was postponed', async () => {
    const at = '2021-01-01T00:00:00.000Z';
    const since = async () => (await due(at, 100)).filter((uid) => uid.startsWith('3.2'));
    const final = store(failedRow({ seriesInstanceUid: '3.2.1', dueAt: at }));
    const open = store(receivingRow({ seriesInstanceUid: '3.2.2', dueAt: at }));
    expect((await since()).sort()).toEqual(['3.2.1', '3.2.2']);
    const { dueAt: _over, ...settled } = final;
    await series.save(settled);
    await series.heartbeat(open, addSeconds(at, 60));
    expect(await since()).toEqual([]);
    // Putting a settled series off must not make it due again.
    await series.heartbeat(final, at);
    expect(await since()).toEqual([]);
    expect((await series.load(final))?.dueAt).toBeUndefined();
  });
});

describe('postpone', () => {
  it('moves dueAt and leaves the version, so that a run that has read the row may save it', async () => {
    const open = store(completeRow({ seriesInstanceUid: '3.3.1', dueAt: ROW_TIME }));
    expect(await series.postpone(open, addSeconds(ROW_TIME, 60))).toEqual({ kind: 'postponed' });
    expect(await series.load(open)).toMatchObject({
      dueAt: addSeconds(ROW_TIME, 60),
      version: open.version,
    });
    expect((await series.save(open)).kind).toBe('saved');
  });

  it('is refused once another run has saved the row', async () => {
    const open = store(completeRow({ seriesInstanceUid: '3.3.2', dueAt: ROW_TIME }));
    await series.save(open);
    expect(await series.postpone(open, addSeconds(ROW_TIME, 60))).toEqual({ kind: 'conflict' });
    expect((await series.load(open))?.dueAt).toBe(ROW_TIME);
  });
});

describe('rearm', () => {
  const dueAt = addSeconds(ROW_TIME, 60);

  it('issues the next ticket of a receiving series, whatever its version', async () => {
    const row = store(receivingRow({ seriesInstanceUid: '8.1', version: 7, ticket: 3 }));
    await series.touch(arrival('siteA', '8.1'));
    expect(await series.rearm(row, dueAt)).toEqual({ kind: 'rearmed', ticket: 4 });
    expect(await series.load(row)).toMatchObject({ version: 9, ticket: 4, dueAt });
  });

  it('answers a conflict if another message was first, and for a series that is not receiving', async () => {
    const row = store(receivingRow({ seriesInstanceUid: '8.2', ticket: 3 }));
    await series.rearm(row, dueAt);
    expect(await series.rearm(row, dueAt)).toEqual({ kind: 'conflict' });
    store(doneRow({ seriesInstanceUid: '8.2', ticket: 3 }));
    expect(await series.rearm(row, dueAt)).toEqual({ kind: 'conflict' });
  });

  it('recognizes its own write when the SDK has repeated it', async () => {
    const row = store(receivingRow({ seriesInstanceUid: '8.3', ticket: 3 }));
    const repeating = over(async (request) => {
      if (request.operation === 'UpdateItem') request.execute();
      return request.execute();
    });
    expect(await repeating.rearm(row, dueAt)).toEqual({ kind: 'rearmed', ticket: 4 });
  });
});

describe('list', () => {
  const base = '2030-01-01T00:00:00.000Z';
  const SAME_INSTANT = 70;
  beforeAll(() => {
    for (let n = 0; n < 10; n += 1) {
      const changedAt = addSeconds(base, n);
      const row = n % 2 === 0 ? doneRow : failedRow;
      const source = n % 3 === 0 ? 'listA' : 'listAB';
      store(row({ source, seriesInstanceUid: `4.${n}`, studyInstanceUid: '4.0', changedAt }));
    }
    const rows = Array.from({ length: SAME_INSTANT }, (_, n) =>
      doneRow({ source: 'ties', seriesInstanceUid: `5.${n}`, changedAt: addSeconds(base, 100) }),
    );
    for (const row of rows) store(row);
  });

  const pages = async (query: Omit<SeriesQuery, 'limit' | 'cursor'>, limit: number) => {
    const found: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await series.list({
        ...query,
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      });
      found.push(page.series.map(({ seriesInstanceUid }) => seriesInstanceUid));
      cursor = page.cursor;
    } while (cursor !== undefined);
    return found;
  };

  it.each<[string, Omit<SeriesQuery, 'limit' | 'cursor'>, number[]]>([
    ['one source', { source: 'listA' }, [9, 6, 3, 0]],
    ['a source whose name begins like another', { source: 'listAB' }, [8, 7, 5, 4, 2, 1]],
    ['a source and a state', { source: 'listAB', state: 'DONE' }, [8, 4, 2]],
    ['a state without such series', { source: 'listA', state: 'UPLOADING' }, []],
    ['a study', { studyInstanceUid: '4.0' }, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]],
    ['a study and a state', { studyInstanceUid: '4.0', state: 'FAILED' }, [9, 7, 5, 3, 1]],
    ['a study and a source', { studyInstanceUid: '4.0', source: 'listA' }, [9, 6, 3, 0]],
    ['nothing', { source: 'nobody' }, []],
  ])('newest change first: %s', async (_name, query, expected) => {
    const uids = expected.map((n) => `4.${n}`);
    for (const limit of [100, 3, 1]) expect((await pages(query, limit)).flat()).toEqual(uids);
  });

  const n = (at: number) => addSeconds(base, at);
  it.each<[string, Omit<SeriesQuery, 'limit' | 'cursor'>, number[]]>([
    ['the oldest change first', { source: 'listA', sort: 'oldest' }, [0, 3, 6, 9]],
    ['from a time', { source: 'listAB', since: n(5) }, [8, 7, 5]],
    ['before a time', { source: 'listAB', until: n(5) }, [4, 2, 1]],
    [
      'in a range, the oldest first',
      { source: 'listAB', since: n(2), until: n(8), sort: 'oldest' },
      [2, 4, 5, 7],
    ],
    ['in a range without a moment', { source: 'listAB', since: n(5), until: n(5) }, []],
    ['of several states', { source: 'listAB', state: ['DONE', 'UPLOADING'] }, [8, 4, 2]],
    ['of no state', { source: 'listAB', state: [] }, []],
    [
      'by what no index has',
      { source: 'listAB', isWanted: ({ changedAt }) => changedAt > n(3) },
      [8, 7, 5, 4],
    ],
    ['a study in a range', { studyInstanceUid: '4.0', since: n(3), until: n(6), sort: 'oldest' }, [3, 4, 5]],
    [
      'a study by what no index has',
      { studyInstanceUid: '4.0', isWanted: ({ state }) => state === 'DONE' },
      [8, 6, 4, 2, 0],
    ],
  ])('%s', async (_name, query, expected) => {
    const uids = expected.map((at) => `4.${at}`);
    for (const limit of [100, 3, 1]) expect((await pages(query, limit)).flat()).toEqual(uids);
  });

  it.each([1, 7, 69, 70, 71])('lists them once with the oldest first, %i a page', async (limit) => {
    const shown = (await pages({ source: 'ties', sort: 'oldest' }, limit)).flat();
    expect([new Set(shown).size, shown.length]).toEqual([SAME_INSTANT, SAME_INSTANT]);
  });

  it('takes no cursor beyond the range', async () => {
    const { cursor = '' } = await series.list({ limit: 1, source: 'listAB' });
    const beyond = { limit: 5, source: 'listAB', cursor, since: n(50) };
    expect((await series.list(beyond)).series).toEqual([]);
  });

  it('counts each state, of all sources, of one, and of a range', async () => {
    const countsOf = async (query: Parameters<SeriesStore['count']>[0]) =>
      Object.fromEntries((await series.count(query)).map(({ state, count }) => [state, count]));
    expect(await countsOf({ source: 'listAB' })).toMatchObject({ DONE: 3, FAILED: 3, UPLOADING: 0 });
    expect(await countsOf({ source: 'ties' })).toMatchObject({ DONE: SAME_INSTANT, FAILED: 0 });
    expect(await countsOf({ since: n(0), until: n(4) })).toMatchObject({ DONE: 2, FAILED: 2 });
    expect(await countsOf({ since: n(4), until: n(4) })).toMatchObject({ DONE: 0, FAILED: 0 });
  });

  it.each([1, 7, 50, 69, 70, 71])('lists each series of the same instant once, %i a page', async (limit) => {
    const shown = await pages({ source: 'ties' }, limit);
    expect(shown.every((page) => page.length <= limit)).toBe(true);
    expect(new Set(shown.flat()).size).toBe(SAME_INSTANT);
    expect(shown.flat()).toHaveLength(SAME_INSTANT);
  });

  it('merges the states of all sources in one order', async () => {
    const listed = await series.list({ limit: SAME_INSTANT + 10 });
    const times = listed.series.map(({ changedAt }) => changedAt);
    expect(times).toEqual([...times].sort().reverse());
    expect(listed.series.slice(SAME_INSTANT).map(({ seriesInstanceUid }) => seriesInstanceUid)).toEqual(
      [9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((n) => `4.${n}`),
    );
  });

  it.each(['', 'x', 'bnVsbA', Buffer.from('{"pk":1}').toString('base64url')])(
    'refuses the cursor %o, which no page gave',
    async (cursor) => {
      await expect(series.list({ limit: 1, cursor })).rejects.toThrow('start again without one');
    },
  );
});

it('finds a series by its UID under every source that has it', async () => {
  store(doneRow({ source: 'siteA', seriesInstanceUid: '6.1' }));
  store(failedRow({ source: 'siteB', seriesInstanceUid: '6.1' }));
  store(failedRow({ source: 'siteB', seriesInstanceUid: '6.12' }));
  const found = await series.findByUid('6.1');
  expect(found.map(({ source, state }) => `${source} ${state}`).sort()).toEqual([
    'siteA DONE',
    'siteB FAILED',
  ]);
  expect(await series.findByUid('6.9')).toEqual([]);
});

it.each([
  ['save', (series: SeriesStore) => series.save(receivingRow())],
  ['touch', (series: SeriesStore) => series.touch(arrival('siteA', '7.1'))],
  ['heartbeat', (series: SeriesStore) => series.heartbeat(receivingRow(), ROW_TIME)],
  ['postpone', (series: SeriesStore) => series.postpone(receivingRow(), ROW_TIME)],
  ['rearm', (series: SeriesStore) => series.rearm(receivingRow(), ROW_TIME)],
] as const)('%s throws what is no refused condition', async (_name, write) => {
  const throttled = over(async () => Promise.reject(new Error('throttled')));
  await expect(write(throttled)).rejects.toThrow('throttled');
});
