import { describe, expect, test } from 'vitest';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { computeAnswer } from '../../support/world/qure-answers.ts';
import { ID, putSlices } from '../../support/world/scans.ts';
import { completeSeries, index, seriesIn } from '../../support/world/stages.ts';
import { runCompute, uploaded } from './run-compute.ts';

test('a first call whose answer was lost is repeated plainly: 304 is harmless', async () => {
  const world = newWorld();
  const message = await uploaded(world);
  world.qure.computes.next(computeAnswer(200), computeAnswer(304));
  breakCalls(world.probe, 'qure.compute', 'after');
  await expect(runCompute(world, message)).rejects.toThrow('the message failed');
  await runCompute(world, message, 2);
  expect(world.qure.computes.calls.map(({ recompute }) => recompute)).toEqual([false, false]);
  await seriesIn(world, 'COMPUTING');
});

describe('a run that died before it left the next message leaves it when its own comes again', () => {
  test('the first poll', async () => {
    const world = newWorld();
    const message = await uploaded(world);
    world.qure.computes.next(computeAnswer(200));
    breakCalls(world.probe, 'queues.sendResults', 'before');
    await expect(runCompute(world, message)).rejects.toThrow('the message failed');
    await runCompute(world, message, 2);
    expect(world.polls.sent).toEqual([
      { message: { ...ID, ticket: 3, polls: 0, failures: 0, assetTries: 0 }, delaySeconds: 5 },
    ]);
  });

  test('the next try', async () => {
    const world = newWorld();
    const message = await uploaded(world);
    world.qure.computes.next(computeAnswer(503));
    breakCalls(world.probe, 'queues.sendCompute', 'before');
    await expect(runCompute(world, message)).rejects.toThrow('the message failed');
    await runCompute(world, message, 2);
    const lost = { ...ID, ticket: message.ticket + 1, tries: 0 };
    expect(world.compute.sent.at(-1)).toEqual({ message: lost, delaySeconds: 5 });
    expect(world.qure.computes.calls).toHaveLength(1);
  });

  test('the wait for silence of the next generation', async () => {
    const world = newWorld();
    const message = await completeSeries(world, { count: 1 });
    await index(world, putSlices(world, 1, { from: 2 }));
    world.completion.sent.length = 0;
    breakCalls(world.probe, 'queues.sendCompletion', 'before');
    await expect(runCompute(world, message)).rejects.toThrow('the message failed');
    await runCompute(world, message, 2);
    const lost = { kind: 'quiet', ...ID, ticket: message.ticket + 1 };
    expect(world.completion.sent).toEqual([{ message: lost, delaySeconds: 5 }]);
  });
});

test('an old message that comes for the first time says nothing: several may have carried its ticket', async () => {
  const world = newWorld();
  const message = await uploaded(world);
  world.qure.computes.next(computeAnswer(503));
  await runCompute(world, message);
  const sent = world.compute.sent.length;
  await runCompute(world, message);
  expect(world.compute.sent).toHaveLength(sent);
});

test('REQ-ORDER-1: of two messages of one ticket only one does work: the other is an old one', async () => {
  const world = newWorld();
  const message = await uploaded(world);
  world.qure.computes.next(computeAnswer(503));
  await runCompute(world, message);
  await runCompute(world, message, 2);
  const [again, twin] = world.compute.sent.slice(-2).map((sent) => sent.message);
  expect([again?.ticket, twin?.ticket]).toEqual([message.ticket + 1, message.ticket + 1]);
  world.qure.computes.next(computeAnswer(200));
  await runCompute(world, again);
  await runCompute(world, twin);
  expect(world.qure.computes.calls).toHaveLength(2);
});
