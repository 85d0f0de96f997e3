import { expect, test } from 'vitest';
import { doneRow } from '../../support/series-rows.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { sourceNamed, type World } from '../../support/world/world.ts';
import { askApi } from './ask-api.ts';

const PATH = '/v1/series/1.2.3.2/results';
const ASSETS = 1_203;

function withAssets(): World {
  const world = newWorld({ sources: [sourceNamed('siteA')] });
  const assets = Array.from({ length: ASSETS }, (_, n) => `files/sc/${n}`);
  world.series.seed(doneRow({ resultFiles: ['result.json', 'findings.json', ...assets] }));
  return world;
}

test.each([
  [{}, 7],
  [{ limit: '500' }, 3],
  [{ limit: '301' }, 4],
])('thousands of assets come page by page: %o', async (query, pages) => {
  const world = withAssets();
  const seen: number[] = [];
  const firsts: boolean[] = [];
  let results = 0;
  let cursor: string | undefined;
  do {
    const { body } = await askApi(world, PATH, {
      query: { ...query, ...(cursor === undefined ? {} : { cursor }) },
    });
    const page = body as { assets: { index: number }[]; results: object[]; cursor?: string };
    seen.push(...page.assets.map(({ index }) => index));
    results += page.results.length;
    firsts.push('findings' in page && 'provenance' in page);
    cursor = page.cursor;
  } while (cursor !== undefined);
  expect(seen).toEqual(Array.from({ length: ASSETS }, (_, n) => n));
  expect([results, firsts]).toEqual([1, Array.from({ length: pages }, (_, page) => page === 0)]);
});

test('a later generation has pages of its own', async () => {
  const world = withAssets();
  const { body } = await askApi(world, PATH);
  world.series.seed(doneRow({ generation: 2, resultFiles: ['result.json'] }));
  const query = { cursor: String(body['cursor']) };
  expect((await askApi(world, PATH, { query })).status).toBe(400);
  expect((await askApi(world, PATH)).body).toMatchObject({ generation: 2, results: { length: 1 } });
});

test.each(['0', '-1', '1e3', '9999999', ''])('no page gave the place %o', async (place) => {
  const world = withAssets();
  const { body } = await askApi(world, PATH);
  const cursor = `${String(body['cursor']).split('.', 1)[0]}.${place}`;
  expect((await askApi(world, PATH, { query: { cursor } })).status).toBe(400);
});

test.each(['0', '501', 'x'])('the limit %o is refused', async (limit) => {
  const { status, body } = await askApi(withAssets(), PATH, { query: { limit } });
  expect([status, String(body['detail'])]).toEqual([400, expect.stringMatching(/^limit: /)]);
});
