import { describe, expect, test } from 'vitest';
import { newWorld } from '../../support/world/new-world.ts';
import { resultsAnswer } from '../../support/world/qure-answers.ts';
import { ID } from '../../support/world/scans.ts';
import { ACCEPTED, computingSeries, lastOf, seriesIn } from '../../support/world/stages.ts';
import { sourceNamed } from '../../support/world/world.ts';
import { runPoll } from './run-poll.ts';

describe('after Qure has lost the series', () => {
  test.each([
    { name: '404 uploads again', status: 404, uploadRound: 2 },
    { name: '409 computes again', status: 409, uploadRound: 1 },
  ])('$name: the earlier acceptance does not count any more', async ({ status, uploadRound }) => {
    const world = newWorld();
    const message = await computingSeries(world, { compute: ACCEPTED });
    world.qure.seriesResults.next(resultsAnswer(status));
    await runPoll(world, message);
    const uploading = await seriesIn(world, 'UPLOADING');
    expect(uploading).toMatchObject({ uploadRound, restarts: 1 });
    expect(uploading).not.toHaveProperty('accepted');
    expect(uploading).not.toHaveProperty('isRecompute');
    expect(world.compute.sent.at(-1)).toEqual({
      message: { ...ID, ticket: message.ticket + 1, tries: 0 },
      delaySeconds: 1,
    });
  });

  test.each([404, 409])('%i of a later generation: the next call asks to compute again', async (status) => {
    const world = newWorld();
    const message = await computingSeries(world, { compute: ACCEPTED });
    const callIntent = { generation: 1, at: world.clock.instant(), isLaterGeneration: true };
    world.series.seed({ ...(await seriesIn(world, 'COMPUTING')), callIntent });
    world.qure.seriesResults.next(resultsAnswer(status));
    await runPoll(world, message);
    const uploading = await seriesIn(world, 'UPLOADING');
    expect(uploading).toMatchObject({ isRecompute: true });
    expect(uploading.accepted).toBeUndefined();
    // Should Qure have lost less than it says, generation 2 must still be asked for as a later one.
    expect(uploading.callIntent).toEqual(callIntent);
  });

  test.each([
    {
      name: '404 with external delivery',
      status: 404,
      source: { delivery: 'external' as const },
      compute: ACCEPTED,
    },
    {
      name: '409 without a call of ours',
      status: 409,
      source: { compute: 'automatic' as const },
      compute: undefined,
    },
  ])('$name: continues to poll', async ({ status, source, compute }) => {
    const world = newWorld({ sources: [sourceNamed('default', source)] });
    const message = await computingSeries(world, compute === undefined ? {} : { compute });
    world.qure.seriesResults.next(resultsAnswer(status));
    await runPoll(world, message);
    expect(lastOf(world.polls.sent)).toMatchObject({ polls: 1 });
  });

  test('REQ-FINAL-1: waits after four restarts, and fails at the deadline', async () => {
    const world = newWorld();
    const message = await computingSeries(world, { compute: ACCEPTED });
    world.series.seed({ ...(await seriesIn(world, 'COMPUTING')), restarts: 4 });
    world.qure.seriesResults.always(resultsAnswer(404));
    await runPoll(world, message);
    expect(lastOf(world.polls.sent)).toMatchObject({ polls: 1 });
    world.clock.advance(86_400);
    await runPoll(world, lastOf(world.polls.sent));
    expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: 'not_uploaded', uploadRound: 2 });
  });
});
