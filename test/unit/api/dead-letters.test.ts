import { describe, expect, test } from 'vitest';
import { newWorld } from '../../support/world/new-world.ts';
import { ID, SERIES } from '../../support/world/scans.ts';
import type { World } from '../../support/world/world.ts';
import { askApi, post } from './ask-api.ts';

const KEY = 'default/Doe%5EJane/IM+0001';
const s3Event = (...keys: string[]) =>
  JSON.stringify({
    Records: keys.map((key) => ({
      eventName: 'ObjectCreated:Put',
      s3: { bucket: { name: 'drop' }, object: { key, size: 9 } },
    })),
  });

/** Three letters of ingest, two of compute. */
function filledWorld(): World {
  const world = newWorld();
  const { deadLetters } = world;
  deadLetters.put('ingest', s3Event(KEY, `${KEY}1`), {
    cause: 'throttled',
    failedAt: '2026-03-01T07:00:00.000Z',
    receives: 10,
    messageId: 'one',
  });
  deadLetters.put('ingest', 'rubbish of Doe^Jane', { cause: 'not_s3_event' });
  deadLetters.put('ingest', s3Event(KEY));
  deadLetters.put('compute', JSON.stringify({ ...ID, ticket: 3 }), { cause: 'unknown_source' });
  deadLetters.put('compute', JSON.stringify({ source: 'Doe^Jane', seriesInstanceUid: 'Doe^Jane' }), {
    cause: 'malformed_message',
  });
  return world;
}

describe('GET /v1/dead-letters', () => {
  test('shows only sources, UIDs and numbers of a message', async () => {
    const { status, body } = await askApi(filledWorld(), '/v1/dead-letters');
    expect(status).toBe(200);
    expect(body['isComplete']).toBe(true);
    expect(body['items']).toHaveLength(5);
    expect(body['items']).toContainEqual({
      stage: 'ingest',
      cause: 'throttled',
      messageId: 'one',
      failedAt: '2026-03-01T07:00:00.000Z',
      receives: 10,
      objects: 2,
    });
    expect(body['items']).toContainEqual({
      stage: 'compute',
      cause: 'unknown_source',
      messageId: 'dead-compute-1',
      source: 'default',
      seriesInstanceUid: SERIES,
    });
    expect(body['items']).toContainEqual({
      stage: 'compute',
      cause: 'malformed_message',
      messageId: 'dead-compute-2',
    });
    expect(JSON.stringify(body)).not.toMatch(/Doe|Jane|IM/);
  });

  test('counts by stage and cause, beyond what it lists', async () => {
    const { body } = await askApi(filledWorld(), '/v1/dead-letters', {
      query: { stage: 'ingest', limit: '1' },
    });
    expect(body['items']).toHaveLength(1);
    expect(body['counts']).toEqual([
      { stage: 'ingest', cause: 'not_s3_event', count: 1 },
      { stage: 'ingest', cause: 'throttled', count: 1 },
      { stage: 'ingest', cause: 'unknown', count: 1 },
    ]);
  });

  test('leaves every dead letter visible after a listing', async () => {
    const world = filledWorld();
    await askApi(world, '/v1/dead-letters', { query: { cause: 'throttled' } });
    expect(world.deadLetters.visible).toBe(5);
  });
});

describe('POST /v1/dead-letters/redrive', () => {
  test('redrives by stage and cause', async () => {
    const world = filledWorld();
    const answer = await post(world, '/v1/dead-letters/redrive', { stage: 'ingest', cause: 'throttled' });
    expect(answer).toEqual({
      status: 202,
      body: { moved: 1, refused: 0, isComplete: true, leftEstimate: 2, before: world.clock.instant() },
    });
    expect(world.deadLetters.redriven).toEqual([{ stage: 'ingest', body: s3Event(KEY, `${KEY}1`) }]);
  });

  test('redrives everything without a filter', async () => {
    const world = filledWorld();
    const { body } = await post(world, '/v1/dead-letters/redrive', {});
    expect(body).toMatchObject({ moved: 5, isComplete: true, leftEstimate: 0 });
  });

  test('redrives nothing that came after `before`', async () => {
    const world = filledWorld();
    const before = '2026-03-01T07:59:59Z';
    expect((await post(world, '/v1/dead-letters/redrive', { before })).body).toMatchObject({ moved: 0 });
    expect(world.deadLetters.visible).toBe(5);
  });
});
