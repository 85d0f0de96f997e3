import type { FaultRule } from '@qure-dropoff/qure-simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Pipeline, startPipeline } from '../../support/pipeline.ts';

/** Each has its own series, dropped beside all others: what strikes one must not hold the others up. */
const FAULTS: Record<string, FaultRule> = {
  'a 500 page for an upload': {
    stage: 'upload',
    times: 3,
    fault: { kind: 'status', status: 500, body: 'html' },
  },
  'a 429 for an upload': {
    stage: 'upload',
    times: 1,
    fault: { kind: 'status', status: 429, retryAfterSeconds: 1 },
  },
  'a reset before an upload': { stage: 'upload', times: 1, fault: { kind: 'reset', when: 'before' } },
  'an upload whose answer is lost': { stage: 'upload', times: 1, fault: { kind: 'reset', when: 'after' } },
  'a short receipt': { stage: 'upload', times: 1, fault: { kind: 'dropped_instance' } },
  'a file that is not registered': { stage: 'upload', times: 1, fault: { kind: 'unregistered_part' } },
  'a 500 for a compute call': { stage: 'compute', times: 2, fault: { kind: 'status', status: 500 } },
  'a compute call whose answer is lost': {
    stage: 'compute',
    times: 1,
    fault: { kind: 'reset', when: 'after' },
  },
  'a series that Qure forgets once accepted': {
    stage: 'compute',
    times: 1,
    fault: { kind: 'forget_series' },
  },
  'a 503 for results': { stage: 'results', times: 2, fault: { kind: 'status', status: 503, body: 'html' } },
  'links that have expired': { stage: 'results', times: 1, fault: { kind: 'expired_urls' } },
  'a validity not determined yet': { stage: 'results', times: 2, fault: { kind: 'undetermined' } },
  'a result cut off in its middle': { stage: 'results', times: 1, fault: { kind: 'cut_off' } },
  'a 500 for an asset': { stage: 'asset', times: 2, fault: { kind: 'status', status: 500 } },
};
const cases = Object.entries(FAULTS).map(([name, rule], at) => ({ name, rule, uid: `1.2.828.${at + 1}0` }));

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await startPipeline({ quietPeriodSeconds: 86_400 });
  pipeline.qure.setFaults(
    // Uploads and assets do not name their series: whoever comes first is struck.
    cases.map(({ rule, uid }) =>
      rule.stage === 'upload' || rule.stage === 'asset' ? rule : { ...rule, pathIncludes: uid },
    ),
  );
  for (const { uid } of cases) await pipeline.putCountedSeries('sitea', uid, 3);
});
afterAll(() => pipeline?.stop());

describe('a fault of Qure ends in a result', () => {
  it.each(cases)('$name', async ({ rule, uid }) => {
    expect(await pipeline.final(uid)).toMatchObject({ state: 'DONE', generation: 1, instances: 3 });
    const struck = pipeline.qure.journal.filter(
      ({ stage, fault }) => stage === rule.stage && fault === rule.fault.kind,
    );
    expect(struck.length).toBeGreaterThanOrEqual(rule.times ?? 1);
    // Accepted once, and only when Qure held every instance; a forgotten series had started from nothing.
    expect(pipeline.qure.series.get(uid)?.computations).toMatchObject([{ isRecompute: false, instances: 3 }]);
  });

  it('leaves nothing in a dead-letter queue', () => {
    const dead = Object.entries(pipeline.host.cloud.queueCounts()).filter(([name]) => name.includes('Dead'));
    expect(dead.length).toBeGreaterThan(0);
    expect(dead.filter(([, { visible, inflight }]) => visible + inflight > 0)).toEqual([]);
  });
});

it('REQ-SRC-1: stops a source whose token is rejected after very few calls, and no other source', async () => {
  pipeline.qure.setFaults([]);
  const rejected = Array.from({ length: 20 }, (_, at) => `1.2.829.${at + 1}`);
  const before = pipeline.qure.journal.length;
  await Promise.all(rejected.map((uid) => pipeline.putCountedSeries('siteb', uid, 2)));
  await pipeline.putCountedSeries('sitea', '1.2.829.99', 2);
  for (const uid of rejected) {
    expect(await pipeline.final(uid)).toMatchObject({ heldBack: { reason: 'auth_rejected' } });
  }
  expect(await pipeline.final('1.2.829.99')).toMatchObject({ state: 'DONE' });
  const refused = pipeline.qure.journal.slice(before).filter(({ status }) => status === 401);
  expect(refused.length).toBeGreaterThan(0);
  // Those that were on their way when the first answer came.
  expect(refused.length).toBeLessThanOrEqual(10);
  const events = pipeline.events().filter(({ detail }) => detail['source'] === 'siteb');
  expect(events.map((event) => event['detail-type'])).not.toContain('Series Failed');
  expect(JSON.stringify(events)).not.toContain('rejected-token');
});
