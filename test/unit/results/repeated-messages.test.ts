import { describe, expect, test } from 'vitest';
import { reopen } from '../../../functions/series/transitions.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { resultsAnswer } from '../../support/world/qure-answers.ts';
import { computingSeries, seriesIn } from '../../support/world/stages.ts';
import { runPoll } from './run-poll.ts';

describe('a message that is not the next one', () => {
  test.each([
    { name: 'a newer ticket', ticket: 1 },
    { name: 'a much older ticket', ticket: -2 },
  ])('makes no call and sends no message for $name', async ({ ticket }) => {
    const world = newWorld();
    const message = await computingSeries(world);
    await runPoll(world, { ...message, ticket: message.ticket + ticket });
    expect(world.polls.sent).toEqual([]);
    await seriesIn(world, 'COMPUTING');
  });

  test('a repeated message is stale once its first run has taken the next ticket', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.qure.seriesResults.next(resultsAnswer(202));
    breakCalls(world.probe, 'queues.sendResults', 'before');
    await expect(runPoll(world, message)).rejects.toThrow('comes again');
    await runPoll(world, message);
    expect(world.polls.sent).toEqual([]);
  });

  test('REQ-ORDER-1: ignores a poll from before the series was reopened', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.series.seed(reopen(await seriesIn(world, 'COMPUTING'), 60, world.clock.instant()));
    world.completion.sent.length = 0;
    await runPoll(world, message);
    expect([world.completion.sent, world.polls.sent]).toEqual([[], []]);
  });
});
