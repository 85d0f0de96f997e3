import { describe, expect, test } from 'vitest';
import { turnaroundOf } from '../../../functions/api/turnaround.ts';
import { addSeconds } from '../../../functions/shared/time.ts';
import { doneRow, ROW_TIME } from '../../support/series-rows.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { sourceNamed } from '../../support/world/world.ts';
import { personWith, requestApi } from './ask-api.ts';

const at = (seconds: number) => addSeconds(ROW_TIME, seconds);
const whole = (seconds: number) =>
  doneRow({
    firstArrivalAt: ROW_TIME,
    lastArrivalAt: at(10),
    completedAt: at(70),
    steps: { uploadBeganAt: at(71), uploadedAt: at(100) },
    accepted: { generation: 1, fingerprint: 'f', at: at(101) },
    changedAt: at(seconds),
  });

describe('turnaroundOf', () => {
  test('tells each stage, the median and the 95th percentile, as times that series took', () => {
    const done = Array.from({ length: 100 }, (_, n) => whole(201 + n));
    expect(turnaroundOf(done)).toMatchObject({
      count: 100,
      stages: [
        { stage: 'arriving', count: 100, p50Seconds: 10, p95Seconds: 10 },
        { stage: 'judging', count: 100, p50Seconds: 60, p95Seconds: 60 },
        { stage: 'waiting', count: 100, p50Seconds: 1, p95Seconds: 1 },
        { stage: 'uploading', count: 100, p50Seconds: 29, p95Seconds: 29 },
        { stage: 'computing', count: 100, p50Seconds: 149, p95Seconds: 194 },
        { stage: 'all', count: 100, p50Seconds: 240, p95Seconds: 285 },
      ],
    });
    expect(turnaroundOf([whole(250)]).stages.at(-1)).toEqual({
      stage: 'all',
      count: 1,
      p50Seconds: 240,
      p95Seconds: 240,
    });
  });

  test('counts each stage by the series of which it is known', () => {
    const old = doneRow({ lastArrivalAt: at(10), completedAt: at(70), changedAt: at(300) });
    const counts = turnaroundOf([old, whole(300)]).stages.map(({ stage, count }) => `${stage} ${count}`);
    expect(counts).toEqual(['arriving 2', 'judging 2', 'waiting 1', 'uploading 1', 'computing 1', 'all 2']);
  });

  test('a computation that a person asked for is counted from the wish', () => {
    const again = { ...whole(5_000), recomputeRequestedAt: at(4_000) };
    const { stages } = turnaroundOf([{ ...again, steps: { uploadBeganAt: at(4_002) } }]);
    expect(stages.map(({ stage, p50Seconds }) => `${stage} ${p50Seconds}`)).toEqual([
      'waiting 2',
      'computing 4899',
      'all 1000',
    ]);
  });

  test('clocks that disagree make no negative time', () => {
    expect(turnaroundOf([doneRow({ lastArrivalAt: at(9), changedAt: at(3) })]).stages.at(-1)).toMatchObject({
      p50Seconds: 0,
    });
  });

  test('tells the hours in which results came, oldest first', () => {
    const { hours } = turnaroundOf([whole(7_300), whole(3_700), whole(300), whole(400)]);
    expect(hours.map(({ from, count }) => `${from} ${count}`)).toEqual([
      '2026-03-01T10:00:00.000Z 2',
      '2026-03-01T11:00:00.000Z 1',
      '2026-03-01T12:00:00.000Z 1',
    ]);
    expect(turnaroundOf([])).toEqual({ count: 0, stages: [], hours: [] });
  });
});

describe('GET /v1/turnaround', () => {
  const worldWith = (seconds: readonly number[], source = 'default') => {
    const world = newWorld();
    world.sources = [sourceNamed('default'), sourceNamed('second')];
    for (const [n, one] of seconds.entries())
      world.series.seed({ ...whole(one), source, seriesInstanceUid: `1.2.${n}` });
    return world;
  };
  const SINCE = { since: ROW_TIME };

  test('is of a day, of one source where one is asked for, and of what the person may read', async () => {
    const world = worldWith([300, 400, 90_000]);
    const { body } = await requestApi(world, '/v1/turnaround', { query: SINCE });
    expect(body).toMatchObject({ since: ROW_TIME, until: at(86_400), isComplete: true, count: 2 });
    const of = async (query: Record<string, string>, role?: string) => {
      const claims = role === undefined ? {} : { claims: personWith(role) };
      return (await requestApi(world, '/v1/turnaround', { query, ...claims })).body['count'];
    };
    expect(await of({ ...SINCE, source: 'second' })).toBe(0);
    expect(await of(SINCE, 'qure-dropoff:read:second')).toBe(0);
    expect(await of(SINCE, 'qure-dropoff:read:default')).toBe(2);
    expect(await of({ until: at(350) })).toBe(1);
  });

  test('says that it has the last thousand alone', async () => {
    const world = worldWith(Array.from({ length: 1_001 }, (_, n) => 300 + n));
    const { body } = await requestApi(world, '/v1/turnaround', { query: SINCE });
    expect(body).toMatchObject({ isComplete: false, count: 1_000 });
  });

  test('refuses more than a day', async () => {
    const query = { ...SINCE, until: at(86_401) };
    const { status, body } = await requestApi(newWorld(), '/v1/turnaround', { query });
    expect([status, body['detail']]).toEqual([400, 'until: expected at most 24 hours after since']);
  });
});
