import { describe, expect, test } from 'vitest';
import { handleLateArrival } from '../../../functions/completion/complete-series.ts';
import { createHandler as indexInstances } from '../../../functions/handlers/index-instances/handler.ts';
import { createHandler as sweep } from '../../../functions/handlers/sweep/handler.ts';
import { retry } from '../../../functions/series/retry.ts';
import { meterTransition } from '../../../functions/series/series-metrics.ts';
import { fail, finish } from '../../../functions/series/transitions.ts';
import { addSeconds } from '../../../functions/shared/time.ts';
import { lambdaContext, sqsEvent } from '../../support/world/delivery.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { computeAnswer, receivingQure, resultBody, resultsAnswer } from '../../support/world/qure-answers.ts';
import { ID, putSlices } from '../../support/world/scans.ts';
import { completedSeries, computingSeries, index, lastOf, seriesIn } from '../../support/world/stages.ts';
import { stopSource } from '../../support/world/stop-source.ts';
import { type Measurement, sourceNamed, type World } from '../../support/world/world.ts';
import { runCompute } from '../delivery/run-compute.ts';
import { runPoll } from '../results/run-poll.ts';

const SOURCE = 'default';

function counted(world: World, ...names: Measurement['name'][]): Measurement[] {
  return world.metrics.filter(({ name }) => names.includes(name));
}

function dropEvent(world: World, keys: readonly string[]): string {
  return JSON.stringify({
    Records: keys.map((key) => ({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      s3: {
        bucket: { name: world.deps.dropBucketName },
        object: { key: encodeURIComponent(key), size: 9 },
      },
    })),
  });
}

describe('arrivals', () => {
  test('counts each instance when its row is written, not when its event is redelivered', async () => {
    const world = newWorld();
    const keys = putSlices(world, 3);
    await index(world, keys);
    await index(world, keys);
    expect(counted(world, 'ObjectsIndexed')).toEqual([
      { name: 'ObjectsIndexed', value: 3, dimensions: { source: SOURCE } },
    ]);
  });

  test('counts a rejected object once by reason, without a source if it has none', async () => {
    const world = newWorld();
    world.drop.put('default/a', Buffer.from('no scan at all'));
    world.drop.put('default/b', Buffer.from('nor this'));
    world.drop.put('elsewhere/c', Buffer.from('whose?'));
    const body = dropEvent(world, ['default/a', 'default/b', 'elsewhere/c']);
    const handle = indexInstances(world.deps);
    await handle(sqsEvent([body]));
    await handle(sqsEvent([body], [], 2));
    expect(counted(world, 'ObjectsQuarantined')).toEqual(
      expect.arrayContaining([
        { name: 'ObjectsQuarantined', value: 2, dimensions: { source: SOURCE, reason: 'not_dicom' } },
        { name: 'ObjectsQuarantined', value: 1, dimensions: { reason: 'no_source' } },
      ]),
    );
    expect(counted(world, 'ObjectsQuarantined')).toHaveLength(2);
  });
});

describe('the way to Qure', () => {
  test('counts a series by the evidence of its completion', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 2));
    await handleLateArrival(world.deps, ID, world.source, 'marker');
    expect(counted(world, 'SeriesCompleted')).toEqual([
      { name: 'SeriesCompleted', value: 1, dimensions: { source: SOURCE, evidence: 'marker' } },
    ]);
  });

  test('counts bytes when Qure has registered them, and the answer by its status', async () => {
    const world = newWorld();
    await completedSeries(world);
    const sizes = (await world.instances.ofSeries(ID)).map(({ object }) => object.sizeBytes);
    world.clock.advance(30);
    world.qure.uploads.always(receivingQure());
    world.qure.computes.next(computeAnswer(503));
    world.qure.computes.next(computeAnswer(418));
    world.qure.computes.next(computeAnswer(200));
    for (let run = 0; run < 3; run += 1) await runCompute(world);
    const uploads = counted(world, 'UploadedBytes');
    expect(uploads.reduce((sum, { value }) => sum + value, 0)).toBe(sizes.reduce((sum, size) => sum + size));
    expect(counted(world, 'ComputeAnswers').map(({ dimensions }) => dimensions.status)).toEqual([
      'transient',
      'http_418',
      'accepted',
    ]);
    expect(counted(world, 'SecondsToCompute')).toEqual([
      { name: 'SecondsToCompute', value: 30, dimensions: { source: SOURCE, product: 'qER' } },
    ]);
  });

  test('measures the wait for a result from the last instance', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.clock.advance(240);
    world.qure.seriesResults.next(resultsAnswer(200, resultBody()));
    await runPoll(world, message);
    const dimensions = { source: SOURCE, product: 'qER' };
    expect(counted(world, 'SeriesDone', 'SecondsToResult')).toEqual([
      { name: 'SeriesDone', value: 1, dimensions: { ...dimensions, usecase: 'none' } },
      { name: 'SecondsToResult', value: 240, dimensions },
    ]);
  });

  test.each([
    ['computed again', 'DONE', { recompute: true }, 60],
    ['failed, and retried', 'FAILED', {}, 660],
  ] as const)(
    'measures the wait of a series that is %s from that time',
    async (_name, state, request, seconds) => {
      const world = newWorld();
      await computingSeries(world);
      const computing = await seriesIn(world, 'COMPUTING');
      const now = world.clock.instant();
      const ended =
        state === 'DONE'
          ? finish(computing, { resultFiles: [] }, now)
          : fail(computing, { reason: 'results_timeout', detail: 'none came' }, now);
      const retried = retry(ended, request, world.source, addSeconds(now, 600));
      if (retried.kind === 'refused') throw new Error(`expected a retry, it was refused: ${retried.why}`);
      const done = { ...computing, ...retried.series, state: 'COMPUTING' as const, resultsDeadline: now };
      meterTransition(world.deps.meter, finish(done, { resultFiles: [] }, addSeconds(now, 660)));
      expect(counted(world, 'SecondsToResult').map(({ value }) => value)).toEqual([seconds]);
    },
  );
});

describe('what is late', () => {
  const source = sourceNamed(SOURCE, { serviceLevelSeconds: 600 });

  test.each([
    ['within the service level', 600, 0],
    ['past it', 601, 1],
  ])('a poll of a series %s', async (_name, seconds, looks) => {
    const world = newWorld({ sources: [source] });
    const message = await computingSeries(world);
    world.clock.advance(seconds);
    world.qure.seriesResults.next(resultsAnswer(202));
    await runPoll(world, message);
    expect(counted(world, 'SeriesOverdue')).toHaveLength(looks);
  });

  test('REQ-DELAY-1: counts also in the compute stage and the sweep', async () => {
    const world = newWorld({ sources: [source] });
    await completedSeries(world);
    world.clock.advance(700);
    await sweep(world.deps)({}, lambdaContext(world));
    expect(counted(world, 'SeriesOverdue')).toEqual([
      { name: 'SeriesOverdue', value: 1, dimensions: { source: SOURCE } },
    ]);
    world.qure.uploads.always(receivingQure());
    world.qure.computes.always(computeAnswer(200));
    await runCompute(world, lastOf(world.compute.sent));
    expect(counted(world, 'SeriesOverdue')).toHaveLength(2);
  });
});

describe('the sweep', () => {
  test('emits zeros of the whole deployment if it finds nothing and no source is stopped', async () => {
    const world = newWorld();
    await sweep(world.deps)({}, lambdaContext(world));
    expect(world.metrics).toEqual([
      { name: 'OpenCircuits', value: 0, dimensions: {} },
      { name: 'SweptSeries', value: 0, dimensions: {} },
    ]);
  });

  test('a source whose calls are stopped', async () => {
    const world = newWorld();
    await stopSource(world);
    await sweep(world.deps)({}, lambdaContext(world));
    expect(counted(world, 'OpenCircuits')).toEqual([
      { name: 'OpenCircuits', value: 1, dimensions: { source: SOURCE } },
    ]);
  });
});

describe('dead letters', () => {
  function newIngest() {
    const world = newWorld();
    world.deadLetters.tellOf('ingest', 10);
    return world;
  }

  test('count when they are sent, by stage and cause', async () => {
    const world = newIngest();
    await indexInstances(world.deps)(sqsEvent(['no event']));
    expect(await world.deadLetters.all()).toHaveLength(1);
    expect(counted(world, 'DeadLetters')).toEqual([
      { name: 'DeadLetters', value: 1, dimensions: { stage: 'ingest', cause: 'not_s3_event' } },
    ]);
  });

  test('do not count if they could not be sent', async () => {
    const world = newIngest();
    breakCalls(world.probe, 'deadLetters.send', 'before');
    await indexInstances(world.deps)(sqsEvent(['no event']));
    expect(await world.deadLetters.all()).toEqual([]);
    expect(counted(world, 'DeadLetters')).toEqual([]);
  });
});
