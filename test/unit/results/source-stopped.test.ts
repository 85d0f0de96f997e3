import { describe, expect, test } from 'vitest';
import { newWorld } from '../../support/world/new-world.ts';
import { resultsAnswer } from '../../support/world/qure-answers.ts';
import { computingSeries, lastOf, seriesIn } from '../../support/world/stages.ts';
import { stopSource } from '../../support/world/stop-source.ts';
import { START } from '../../support/world/world.ts';
import { runPoll } from './run-poll.ts';

/** Answers of one who knows us, whatever else they say. */
test.each([{ status: 202 }, { status: 404 }])(
  'a probe that is answered $status lets its source go on',
  async ({ status }) => {
    const world = newWorld();
    const message = await computingSeries(world);
    await stopSource(world, { reason: 'license_expired', nextProbeAt: START });
    world.qure.seriesResults.next(resultsAnswer(status));
    await runPoll(world, message);
    expect(world.sourceStates.of('default')).not.toHaveProperty('stop');
  },
);

describe.each(['qER', 'qXR'] as const)('results of %s', (product) => {
  test('that Qure refuses wait, and are polled again', async () => {
    const world = newWorld();
    const message = await computingSeries(world, { product });
    world.qure.seriesResults.always(resultsAnswer(401));
    world.qure.instanceResults.always(resultsAnswer(401));
    await runPoll(world, message);
    expect(await seriesIn(world, 'COMPUTING')).toMatchObject({ heldBack: { reason: 'auth_rejected' } });
    const { waitingSince: _none, ...next } = lastOf(world.polls.sent);
    expect(next).toEqual({ ...message, ticket: message.ticket + 1 });
    const calls = () => world.qure.seriesResults.calls.length + world.qure.instanceResults.calls.length;
    const before = calls();
    await runPoll(world, lastOf(world.polls.sent));
    expect(calls()).toBe(before);
  });

  test('are not held back any more once they are polled', async () => {
    const world = newWorld();
    const message = await computingSeries(world, { product });
    await stopSource(world);
    await runPoll(world, message);
    expect(await seriesIn(world, 'COMPUTING')).toHaveProperty('heldBack');
    world.clock.advance(120);
    world.qure.seriesResults.always(resultsAnswer(202));
    world.qure.instanceResults.always(resultsAnswer(202));
    await runPoll(world, lastOf(world.polls.sent));
    expect(await seriesIn(world, 'COMPUTING')).not.toHaveProperty('heldBack');
  });
});

test('a series whose source is stopped at the results deadline fails with that reason', async () => {
  const world = newWorld();
  const message = await computingSeries(world);
  world.credentials.clear();
  world.clock.advance(86_399);
  await runPoll(world, message);
  expect(world.polls.sent.at(-1)?.delaySeconds).toBe(1);
  world.clock.advance(1);
  await runPoll(world, lastOf(world.polls.sent));
  expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: 'auth_rejected' });
});
