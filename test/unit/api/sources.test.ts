import { describe, expect, test } from 'vitest';
import { NEW_SOURCE_STATE } from '../../../functions/admission/source-state.ts';
import { toSourceView } from '../../../functions/api/source-view.ts';
import { addSeconds } from '../../../functions/shared/time.ts';
import { ROW_TIME } from '../../support/series-rows.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { completedSeries } from '../../support/world/stages.ts';
import { stopSource } from '../../support/world/stop-source.ts';
import { sourceNamed } from '../../support/world/world.ts';
import { personWith, requestApi } from './ask-api.ts';

const at = (seconds: number) => addSeconds(ROW_TIME, seconds);

describe('toSourceView', () => {
  const source = { ...sourceNamed('ward'), serviceLevelSeconds: 900 };
  const slot = { id: 'a', ticket: 1, until: at(600) };
  const waiter = { id: 'c', since: ROW_TIME, until: at(60) };
  const state = {
    ...NEW_SOURCE_STATE,
    slots: [slot, { ...slot, id: 'b', until: at(-1) }],
    waitQueue: [waiter, { ...waiter, id: 'd', until: at(-1) }],
    day: '2026-03-01',
    admitted: ['a', 'b', 'c'],
  };

  test('without limits and a stop: the promise and the backlog', () => {
    const backlog = [{ state: 'RECEIVING' as const, count: 3, isComplete: true }];
    expect(toSourceView(source, NEW_SOURCE_STATE, backlog, ROW_TIME)).toEqual({
      name: 'ward',
      delivery: 'upload',
      products: ['qER', 'qCT', 'qXR', 'qMSK'],
      serviceLevelMinutes: 15,
      completion: { mode: 'quiet', quietPeriodSeconds: 60, maxWaitSeconds: 900 },
      backlog,
    });
  });

  test('leases that are over are not in use, and the units of yesterday are not of today', () => {
    const limited = { ...source, maxConcurrentSeries: 2, dailyBudget: 40 };
    expect(toSourceView(limited, state, [], ROW_TIME)).toMatchObject({
      concurrency: { limit: 2, used: 1, waiting: 1 },
      dailyBudget: { limit: 40, used: 3, endsAt: '2026-03-02T00:00:00.000Z' },
    });
    expect(toSourceView(limited, state, [], at(86_400))).toMatchObject({
      concurrency: { limit: 2, used: 0, waiting: 0 },
      dailyBudget: { limit: 40, used: 0, endsAt: '2026-03-03T00:00:00.000Z' },
    });
  });

  test('a stop tells its reason and when Qure is tried again, and no fingerprint of credentials', () => {
    const stop = {
      reason: 'auth_rejected' as const,
      since: ROW_TIME,
      credentialsFingerprint: 'secret',
      nextProbeAt: at(120),
    };
    expect(toSourceView(source, { ...state, stop }, [], ROW_TIME).stop).toEqual({
      reason: 'auth_rejected',
      since: ROW_TIME,
      nextProbeAt: at(120),
      isProbing: false,
    });
    expect(
      toSourceView(source, { ...state, stop: { ...stop, probeId: 'a' } }, [], ROW_TIME).stop,
    ).toMatchObject({
      isProbing: true,
    });
  });
});

describe('GET /v1/sources', () => {
  test('lists each source with its backlog, or the one that is asked for', async () => {
    const world = newWorld();
    world.sources = [sourceNamed('default'), sourceNamed('second')];
    await completedSeries(world);
    await stopSource(world);
    const { body } = await requestApi(world, '/v1/sources');
    const [first, second] = body['items'] as { name: string; backlog: { state: string; count: number }[] }[];
    expect(first).toMatchObject({ name: 'default', stop: { reason: 'auth_rejected' } });
    expect(first?.backlog.map(({ state, count }) => `${state} ${count}`)).toEqual([
      'RECEIVING 0',
      'COMPLETE 1',
      'UPLOADING 0',
      'COMPUTING 0',
    ]);
    expect(second).toMatchObject({ name: 'second' });
    const one = await requestApi(world, '/v1/sources', { query: { source: 'second' } });
    expect(one.body).toMatchObject({ items: [{ name: 'second' }] });
  });

  test('a person with a role for one source sees that one alone', async () => {
    const world = newWorld();
    world.sources = [sourceNamed('default'), sourceNamed('second')];
    const claims = personWith('qure-dropoff:read:second');
    const { body } = await requestApi(world, '/v1/sources', { claims });
    expect(body).toMatchObject({ items: [{ name: 'second' }] });
  });
});
