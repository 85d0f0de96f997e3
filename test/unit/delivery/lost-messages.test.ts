import { expect, test } from 'vitest';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { computeAnswer } from '../../support/world/qure-answers.ts';
import { ID, putSlices } from '../../support/world/scans.ts';
import { completedSeries, index, seriesIn } from '../../support/world/stages.ts';
import { runCompute, sweepLater, uploaded } from './run-compute.ts';

test('a first call whose answer was lost is repeated plainly: 304 is harmless', async () => {
  const world = newWorld();
  const message = await uploaded(world);
  world.qure.computes.next(computeAnswer(200), computeAnswer(304));
  breakCalls(world.probe, 'qure.compute', 'after');
  await expect(runCompute(world, message)).rejects.toThrow('the message failed');
  await sweepLater(world);
  await runCompute(world);
  expect(world.qure.computes.calls.map(({ recompute }) => recompute)).toEqual([false, false]);
  await seriesIn(world, 'COMPUTING');
});

test('a repeated message is stale once its first run has claimed the call', async () => {
  const world = newWorld();
  const message = await uploaded(world);
  world.qure.computes.next(computeAnswer(200));
  breakCalls(world.probe, 'qure.compute', 'after');
  await expect(runCompute(world, message)).rejects.toThrow('the message failed');
  await runCompute(world, message);
  expect(world.qure.computes.calls).toHaveLength(1);
});

test('the sweep sends the first poll that a run had no time to send', async () => {
  const world = newWorld();
  const message = await uploaded(world);
  world.qure.computes.next(computeAnswer(200));
  breakCalls(world.probe, 'queues.sendResults', 'before');
  await expect(runCompute(world, message)).rejects.toThrow('the message failed');
  await runCompute(world, message);
  expect(world.polls.sent).toEqual([]);
  await sweepLater(world);
  const { ticket } = await seriesIn(world, 'COMPUTING');
  expect(world.polls.sent).toMatchObject([{ message: { ...ID, ticket } }]);
});

test('the sweep sends the next try that a run had no time to send', async () => {
  const world = newWorld();
  const message = await uploaded(world);
  world.qure.computes.next(computeAnswer(503));
  breakCalls(world.probe, 'queues.sendCompute', 'before');
  await expect(runCompute(world, message)).rejects.toThrow('the message failed');
  await sweepLater(world);
  const { ticket } = await seriesIn(world, 'UPLOADING');
  expect(world.compute.sent.at(-1)?.message).toMatchObject({ ...ID, ticket });
  expect(world.qure.computes.calls).toHaveLength(1);
});

test('the sweep sends the wait for silence that a run had no time to send', async () => {
  const world = newWorld();
  const message = await completedSeries(world, { count: 1 });
  await index(world, putSlices(world, 1, { from: 2 }));
  world.completion.sent.length = 0;
  breakCalls(world.probe, 'queues.sendCompletion', 'before');
  await expect(runCompute(world, message)).rejects.toThrow('the message failed');
  await sweepLater(world);
  expect(world.completion.sent).toMatchObject([{ message: { kind: 'quiet', ...ID } }]);
});

test('REQ-ORDER-1: of two messages of one ticket only one does work: the other is stale', async () => {
  const world = newWorld();
  const message = await uploaded(world);
  world.qure.computes.next(computeAnswer(503));
  await runCompute(world, message);
  const again = world.compute.sent.at(-1)?.message;
  world.qure.computes.next(computeAnswer(200));
  await runCompute(world, again);
  await runCompute(world, again);
  await runCompute(world, message);
  expect(world.qure.computes.calls).toHaveLength(2);
});
