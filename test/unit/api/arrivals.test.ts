import { describe, expect, test } from 'vitest';
import { newWorld } from '../../support/world/new-world.ts';
import { ID, keyOf, putSlices, SERIES, slice } from '../../support/world/scans.ts';
import { completedSeries, index } from '../../support/world/stages.ts';
import { START } from '../../support/world/world.ts';
import { askApi, personWith, requestApi } from './ask-api.ts';

const PATH = `/v1/series/${SERIES}/arrivals`;

describe('the arrivals of a series', () => {
  test('each instance once, with its time and its place in the series', async () => {
    const world = newWorld();
    const overrides = { imagePositionMm: [0, 0, 2.5], imageOrientation: [1, 0, 0, 0, 1, 0] };
    await index(world, putSlices(world, 2, { overrides }));
    const { status, body } = await askApi(world, PATH);
    expect(status).toBe(200);
    expect(body).toMatchObject({ source: ID.source, seriesInstanceUid: SERIES, modality: 'CT' });
    expect(body['sender']).toMatch(/^[\w-]{16}$/);
    const items = body['items'] as Record<string, unknown>[];
    expect(items.map(({ instanceNumber }) => instanceNumber)).toEqual([1, 2]);
    expect(items[0]).toMatchObject({
      arrivedAt: START,
      imagePositionMm: [0, 0, 2.5],
      imageOrientation: [1, 0, 0, 0, 1, 0],
    });
    expect(body['cursor']).toBeUndefined();
  });

  test('of an upload in parts its end, of which the index tells: S3 tells its beginning', async () => {
    const world = newWorld();
    const end = world.drop.begin(keyOf(1));
    world.clock.advance(300);
    end(slice(1));
    await index(world, [keyOf(1)]);
    const { body } = await askApi(world, PATH);
    expect(body['items']).toMatchObject([{ arrivedAt: world.clock.now().toISOString() }]);
  });

  test('in pages, none twice and none left out', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 5));
    const seen: unknown[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: '2', ...(cursor === undefined ? {} : { cursor }) };
      const { body } = await askApi(world, PATH, { query });
      const items = body['items'] as { sopInstanceUid: string }[];
      expect(items.length).toBeLessThanOrEqual(2);
      seen.push(...items.map(({ sopInstanceUid }) => sopInstanceUid));
      cursor = body['cursor'] as string | undefined;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(5);
    expect(new Set(seen).size).toBe(5);
  });

  test('a cursor of another series is refused', async () => {
    const world = newWorld();
    const overrides = { seriesInstanceUid: '1.2.9' };
    await index(world, putSlices(world, 5));
    await index(world, putSlices(world, 5, { folder: 'default/other', overrides }));
    const { body } = await askApi(world, PATH, { query: { limit: '2' } });
    const query = { limit: '2', cursor: String(body['cursor']) };
    expect((await askApi(world, PATH, { query })).status).toBe(200);
    expect((await askApi(world, '/v1/series/1.2.9/arrivals', { query })).status).toBe(400);
  });

  test('leave out rows that have expired, and are 404 where the series is not known', async () => {
    const world = newWorld();
    await completedSeries(world);
    const [row, ...others] = await world.instances.ofSeries(ID);
    if (row === undefined) throw new Error('expected a row');
    await world.deps.instances.put([{ ...row, expiresAt: START }]);
    world.clock.advance(1);
    expect((await askApi(world, PATH)).body['items']).toHaveLength(others.length);
    expect((await askApi(world, '/v1/series/1.2.9/arrivals')).status).toBe(404);
  });

  test('of another source than a person may read are not found', async () => {
    const world = newWorld();
    await completedSeries(world);
    const other = { claims: personWith('qure-dropoff:read:other') };
    const own = { claims: personWith(`qure-dropoff:read:${ID.source}`) };
    expect((await requestApi(world, PATH, other)).status).toBe(404);
    expect((await requestApi(world, PATH, own)).status).toBe(200);
  });
});
