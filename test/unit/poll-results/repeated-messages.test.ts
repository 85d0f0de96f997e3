import { describe, expect, test } from 'vitest';
import { reopen } from '../../../functions/core/transitions.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { resultsAnswer } from '../../support/world/qure-answers.ts';
import { ID } from '../../support/world/scans.ts';
import { ACCEPTED, computingSeries, seriesIn } from '../../support/world/stages.ts';
import { sourceNamed } from '../../support/world/world.ts';
import { runPoll } from './run-poll.ts';

describe('a message that is not the next one', () => {
  test.each([
    { name: 'a newer ticket', ticket: 1 },
    { name: 'a much older ticket', ticket: -2 },
  ])('a message of $name asks nothing and leaves nothing', async ({ ticket }) => {
    const world = newWorld();
    const message = await computingSeries(world);
    await runPoll(world, { ...message, ticket: message.ticket + ticket });
    expect(world.polls.sent).toEqual([]);
    await seriesIn(world, 'COMPUTING');
  });

  test.each([
    { pollIntervalSeconds: 15, delaySeconds: 15 },
    { pollIntervalSeconds: 0.5, delaySeconds: 1 },
    { pollIntervalSeconds: 3600, delaySeconds: 900 },
  ])(
    'a run that died before it left the next poll leaves it when its message comes again, after $delaySeconds s',
    async ({ pollIntervalSeconds, delaySeconds }) => {
      const world = newWorld({ sources: [sourceNamed('default', { pollIntervalSeconds })] });
      const message = await computingSeries(world);
      world.qure.seriesResults.next(resultsAnswer(202));
      breakCalls(world.probe, 'queues.sendResults', 'before');
      await expect(runPoll(world, message)).rejects.toThrow('comes again');
      await runPoll(world, message, 2);
      const lost = { ...message, ticket: message.ticket + 1 };
      expect(world.polls.sent).toEqual([{ message: lost, delaySeconds }]);
    },
  );

  test('a run that died on the way back to the compute stage leaves its job when its message comes again', async () => {
    const world = newWorld();
    const message = await computingSeries(world, { compute: ACCEPTED });
    world.compute.sent.length = 0;
    world.qure.seriesResults.next(resultsAnswer(404));
    breakCalls(world.probe, 'queues.sendCompute', 'before');
    await expect(runPoll(world, message)).rejects.toThrow('comes again');
    await runPoll(world, message, 2);
    const lost = { ...ID, ticket: message.ticket + 1, tries: 0 };
    expect(world.compute.sent).toEqual([{ message: lost, delaySeconds: 15 }]);
  });

  test('REQ-ORDER-1: an old poll of a series that was opened again says nothing to it', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.series.seed(reopen(await seriesIn(world, 'COMPUTING'), 60, world.clock.instant()));
    world.completion.sent.length = 0;
    await runPoll(world, message);
    expect([world.completion.sent, world.polls.sent]).toEqual([[], []]);
  });
});
