import { describe, expect, test } from 'vitest';
import type { Series } from '../../../functions/series/series.ts';
import type { SeriesQuery } from '../../../functions/series/series-store.ts';
import { defined } from '../../../functions/shared/defined.ts';
import { doneRow, failedRow, receivingRow, skippedRow, uploadingRow } from '../../support/series-rows.ts';
import { newWorld } from '../../support/world/new-world.ts';
import type { World } from '../../support/world/world.ts';
import { askApi } from './ask-api.ts';

const at = (minute: number) => `2026-03-01T10:0${minute}:00.000Z`;
const present = (key: string) => [{ key, present: true, score: 0.9 }];

const HELD: readonly Series[] = [
  receivingRow({ seriesInstanceUid: '1.0', changedAt: at(0) }),
  uploadingRow({ seriesInstanceUid: '1.1', changedAt: at(1) }),
  doneRow({ seriesInstanceUid: '1.2', changedAt: at(2), usecase: 'qer', findings: present('ICH') }),
  doneRow({
    seriesInstanceUid: '1.3',
    changedAt: at(3),
    product: 'qXR',
    usecase: 'qxr',
    findings: [{ key: 'ICH', present: false }],
    resultFiles: ['result.1.2.json'],
  }),
  doneRow({ seriesInstanceUid: '1.4', changedAt: at(4), product: 'qCT', triageStatus: 'routine' }),
  skippedRow({ seriesInstanceUid: '1.5', changedAt: at(5) }),
  failedRow({ seriesInstanceUid: '1.6', changedAt: at(6), source: 'siteB' }),
];

function held(): World {
  const world = newWorld();
  for (const series of HELD) world.series.seed(series);
  return world;
}

const list = async (world: World, query: Record<string, string>) => {
  const { status, body } = await askApi(world, '/v1/series', { query });
  const items = (body['items'] ?? []) as { seriesInstanceUid: string }[];
  return { status, body, numbers: items.map(({ seriesInstanceUid }) => seriesInstanceUid.slice(2)).join('') };
};

describe('the filters of a list', () => {
  test.each([
    ['critical', true],
    ['critical,abnormal', false],
    ['routine', false],
    [undefined, undefined],
  ])('with the triage %s read critical results alone: %s', async (triage, expected) => {
    const world = held();
    const asked: unknown[] = [];
    world.probe.before = ({ name, args: [query] }) => {
      if (name === 'series.list') asked.push((query as SeriesQuery).isCriticalOnly);
    };
    await list(world, defined({ triage }));
    expect(asked).toEqual([expected]);
  });

  test.each<[Record<string, string>, string]>([
    [{}, '6543210'],
    [{ sort: 'oldest' }, '0123456'],
    [{ state: 'DONE' }, '432'],
    [{ state: 'DONE,SKIPPED,DONE' }, '5432'],
    [{ source: 'siteB' }, '6'],
    [{ product: 'qer' }, '621'],
    [{ product: 'qER', state: 'RECEIVING' }, ''],
    [{ usecase: 'qER' }, '2'],
    [{ triage: 'critical' }, '2'],
    [{ triage: 'abnormal' }, '3'],
    [{ triage: 'routine' }, '4'],
    [{ triage: 'abnormal,critical' }, '32'],
    [{ finding: 'ich' }, '2'],
    [{ finding: 'ICH', state: 'FAILED' }, ''],
    [{ since: '2026-03-01T10:02:00Z', until: '2026-03-01T10:05:00Z' }, '432'],
    [{ since: '2026-03-01T10:02:00Z', product: 'qER', sort: 'oldest' }, '26'],
  ])('%o', async (query, expected) => {
    const world = held();
    expect((await list(world, query)).numbers).toBe(expected);
    let seen = '';
    let cursor: string | undefined;
    do {
      const page = await list(world, { ...query, limit: '1', ...(cursor === undefined ? {} : { cursor }) });
      seen += page.numbers;
      cursor = page.body['cursor'] as string | undefined;
    } while (cursor !== undefined);
    expect(seen).toBe(expected);
  });

  test.each<[Record<string, string>, string]>([
    [{ state: '' }, 'state'],
    [{ state: 'DONE,' }, 'state'],
    [{ state: 'DONE,LOST' }, 'state'],
    [{ product: '<b>' }, 'product'],
    [{ usecase: '' }, 'usecase'],
    [{ triage: 'Critical' }, 'triage'],
    [{ finding: 'I C H' }, 'finding'],
    [{ since: '2026-03-01' }, 'since'],
    [{ until: '2026-02-30T00:00:00Z' }, 'until'],
    [{ since: '2026-03-02T00:00:00Z', until: '2026-03-01T00:00:00Z' }, 'until'],
    [{ sort: 'urgent' }, 'sort'],
    [{ cursor: 'x' }, 'cursor'],
    [{ limit: '0', sort: 'x' }, 'limit'],
    [{ limit: '0', sort: 'x' }, 'sort'],
    [{ __proto__x: '1' }, '__proto__x'],
  ])('%o is refused by name', async (query, name) => {
    const { status, body } = await askApi(held(), '/v1/series', { query });
    expect(status).toBe(400);
    expect(String(body['detail'])).toContain(name);
  });

  test('a cursor belongs to the filters that it came from', async () => {
    const world = held();
    const { body } = await list(world, { limit: '1', state: 'DONE' });
    const cursor = String(body['cursor']);
    expect((await list(world, { limit: '2', state: 'DONE', cursor })).numbers).toBe('32');
    for (const query of [
      {},
      { state: 'FAILED' },
      { state: 'DONE', sort: 'oldest' },
      { state: 'DONE', source: 'x' },
    ]) {
      const other = await list(world, { ...query, cursor });
      expect([other.status, String(other.body['detail'])]).toEqual([400, expect.stringContaining('cursor')]);
    }
  });
});

describe('counts', () => {
  const countsOf = async (query: Record<string, string>) => {
    const { body } = await askApi(held(), '/v1/series/counts', { query });
    const counts = body['counts'] as { state: string; count: number; isComplete: boolean }[];
    expect(counts).toHaveLength(8);
    expect(counts.every(({ isComplete }) => isComplete)).toBe(true);
    return Object.fromEntries(
      counts.filter(({ count }) => count > 0).map(({ state, count }) => [state, count]),
    );
  };

  test('of all sources, of one and of a range', async () => {
    expect(await countsOf({})).toEqual({ RECEIVING: 1, UPLOADING: 1, DONE: 3, SKIPPED: 1, FAILED: 1 });
    expect(await countsOf({ source: 'siteB' })).toEqual({ FAILED: 1 });
    expect(await countsOf({ since: at(2), until: at(4) })).toEqual({ DONE: 2 });
    expect(await countsOf({ source: 'nobody' })).toEqual({});
  });
});

test('a list has the first keys of results, and counts the others', async () => {
  const world = newWorld();
  const resultFiles = ['result.json', ...Array.from({ length: 60 }, (_, n) => `files/sc/${n}`)];
  world.series.seed(doneRow({ resultFiles }));
  const { body } = await askApi(world, '/v1/series');
  expect(body).toMatchObject({ items: [{ resultKeys: { length: 50 }, omittedResultKeys: 11 }] });
});
