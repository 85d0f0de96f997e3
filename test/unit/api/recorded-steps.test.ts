import { expect, test } from 'vitest';
import { generationsOf } from '../../../functions/api/generations.ts';
import { statesOf } from '../../../functions/api/series-filter.ts';
import type { DoneSeries } from '../../../functions/series/series.ts';
import { reopen } from '../../../functions/series/transitions.ts';
import { triageOf } from '../../../functions/series/triage.ts';
import { FakeQure } from '../../support/world/fake-qure.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { putSlices, SERIES } from '../../support/world/scans.ts';
import { index, seriesIn } from '../../support/world/stages.ts';
import { run } from '../recovery/reconcile/reconcile-all.ts';
import { requestApi } from './ask-api.ts';

test('a series that was computed tells its steps and its generations, in the order of their times', async () => {
  const world = newWorld();
  new FakeQure(world);
  await index(world, putSlices(world, 3));
  await run(world);
  const { steps } = await seriesIn(world, 'DONE');
  const { body } = await requestApi(world, `/v1/series/${SERIES}`);
  const { timeline, generations } = body as {
    timeline: { step: string; at: string; polls?: number; instancesAtQure?: number }[];
    generations: object[];
  };
  expect(timeline.map(({ step }) => step)).toEqual([
    'firstObject',
    'lastObject',
    'judged',
    'uploadBegan',
    'uploaded',
    'computeCalled',
    'polled',
    'ended',
    'announced',
  ]);
  expect(timeline.map(({ at }) => at)).toEqual(timeline.map(({ at }) => at).toSorted());
  expect(timeline.find(({ step }) => step === 'uploaded')?.instancesAtQure).toBe(3);
  expect(timeline.find(({ step }) => step === 'polled')?.polls).toBe(steps?.polls);
  expect(steps?.polls).toBeGreaterThan(1);
  expect(generations).toMatchObject([{ generation: 1, state: 'DONE', evidence: 'quiet' }]);
});

test('the next generation begins with steps of its own, and the one before is told', async () => {
  const world = newWorld();
  new FakeQure(world);
  await index(world, putSlices(world, 2));
  await run(world);
  await index(world, putSlices(world, 3));
  await run(world);
  const { body } = await requestApi(world, `/v1/series/${SERIES}`);
  expect(body).toMatchObject({
    generation: 2,
    generations: [
      { generation: 1, state: 'DONE', instances: 2, leftFor: 'instances', supersededBy: 2 },
      { generation: 2, state: 'DONE', instances: 3 },
    ],
  });
  const { timeline } = body as { timeline: { step: string; at: string }[] };
  const atOf = (wanted: string) => timeline.find(({ step }) => step === wanted)?.at ?? '';
  expect(atOf('uploadBegan') >= atOf('judged')).toBe(true);
});

test('a critical result is told while a later generation has none, and found by its triage', async () => {
  const world = newWorld();
  new FakeQure(world);
  await index(world, putSlices(world, 2));
  await run(world);
  const done: DoneSeries = { ...(await seriesIn(world, 'DONE')), triageStatus: 'critical' };
  const reopened = reopen(done, 5, '2026-03-01T09:00:00Z');
  expect(triageOf(reopened)).toBe('critical');
  expect(generationsOf(reopened)).toMatchObject([
    { generation: 1, state: 'DONE', triage: 'critical' },
    { generation: 2, state: 'RECEIVING' },
  ]);
  expect(statesOf({ triage: ['critical'] }, undefined)).toContain('RECEIVING');
  const { triageStatus: _, ...withoutTriage } = done;
  expect(triageOf(reopen(withoutTriage, 5, '2026-03-01T09:00:00Z'))).toBeUndefined();
});
