import { describe, expect, test } from 'vitest';
import { createHandler } from '../../../functions/handlers/compute/handler.ts';
import { lambdaContext, sqsEvent } from '../../support/world/delivery.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { computeAnswer, receivingQure, resultsAnswer } from '../../support/world/qure-answers.ts';
import { ID } from '../../support/world/scans.ts';
import { ACCEPTED, completedSeries, computingSeries, lastOf, seriesIn } from '../../support/world/stages.ts';
import { sourceNamed } from '../../support/world/world.ts';
import { runCompute, uploaded } from './run-compute.ts';

describe('answers of the compute call', () => {
  test.each([
    { name: 'pushed', status: 200, message: 'Pushed for computation' },
    { name: 'already pushed', status: 304, message: 'Already pushed for computation (304, no body).' },
  ])('$name: stored on the row, then polled', async ({ status, message }) => {
    const world = newWorld();
    await uploaded(world);
    world.qure.computes.next(computeAnswer(status));
    await runCompute(world);
    expect(await seriesIn(world, 'COMPUTING')).toMatchObject({
      compute: { httpStatus: status, message, success: true, authenticated: true },
      accepted: { generation: 1 },
      resultsDeadline: '2026-03-02T08:00:00.000Z',
    });
    // A run that hangs has no way to write over the files of a result that is announced by then.
    expect(world.results.objects.size).toBe(0);
    expect(world.polls.sent).toEqual([
      { message: { ...ID, ticket: 4, polls: 0, failures: 0, assetTries: 0 }, delaySeconds: 15 },
    ]);
    expect(world.events.at(-1)?.detailType).toBe('Series Computing');
  });

  test.each([
    { name: '503', answer: computeAnswer(503), delaySeconds: 1 },
    { name: '429 with Retry-After', answer: computeAnswer(429, { 'retry-after': '40' }), delaySeconds: 41 },
    { name: 'an undocumented status', answer: computeAnswer(418), delaySeconds: 1 },
    {
      name: 'a redirect',
      answer: computeAnswer(302, { location: 'https://login.example/' }),
      delaySeconds: 1,
    },
    { name: 'a reset', answer: { kind: 'transient' as const, cause: 'ECONNRESET' }, delaySeconds: 1 },
  ])('$name: tried again', async ({ answer, delaySeconds }) => {
    const world = newWorld();
    const message = await uploaded(world);
    world.qure.computes.next(answer);
    await runCompute(world);
    const { ticket } = await seriesIn(world, 'UPLOADING');
    expect(ticket).toBe(message.ticket + 2);
    expect(world.compute.sent.at(-1)).toEqual({ message: { ...message, ticket, tries: 1 }, delaySeconds });
    // Nothing goes up again for it.
    const requests = world.qure.uploads.calls.length;
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    expect(world.qure.uploads.calls).toHaveLength(requests);
    await seriesIn(world, 'COMPUTING');
  });

  test.each([
    { name: '400 with a message is final', message: 'Unsupported modality', state: 'UNSUPPORTED' },
    { name: '400 without a word is tried again', message: '', state: 'UPLOADING' },
  ] as const)('$name', async ({ message, state }) => {
    const world = newWorld();
    await uploaded(world);
    world.qure.computes.next(computeAnswer(400, {}, { message }));
    await runCompute(world);
    const series = await seriesIn(world, state);
    if (series.state !== 'UNSUPPORTED') return;
    expect(series).toMatchObject({ reason: 'unsupported_scan', detail: message });
    expect(world.events.at(-1)?.detailType).toBe('Series Unsupported');
  });

  test('uploads everything again after a 404, a bounded number of times', async () => {
    const world = newWorld();
    await uploaded(world, { count: 1 });
    world.qure.computes.always(computeAnswer(404));
    for (let run = 1; run <= 5; run += 1) await runCompute(world);
    expect(world.qure.uploads.calls).toHaveLength(5);
    expect(await seriesIn(world, 'FAILED')).toMatchObject({
      reason: 'not_uploaded',
      restarts: 4,
      uploadRound: 6,
    });
  });

  test('waits for the other system until the deadline after a 404 with external delivery', async () => {
    const world = newWorld({ sources: [sourceNamed('default', { delivery: 'external' })] });
    const message = await completedSeries(world);
    world.qure.computes.always(computeAnswer(404));
    await runCompute(world);
    expect(lastOf(world.compute.sent)).toEqual({ ...message, ticket: message.ticket + 2, tries: 1 });
    world.clock.advance(3600);
    for (let tries = 2; tries <= 4; tries += 1) await runCompute(world);
    expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: 'not_uploaded' });
  });

  test.each([
    { status: 401, state: 'UPLOADING', expected: { heldBack: { reason: 'auth_rejected' } } },
    { status: 403, state: 'FAILED', expected: { reason: 'source_denied' } },
  ] as const)('$status: $state with its answer', async ({ status, state, expected }) => {
    const world = newWorld();
    await uploaded(world);
    world.qure.computes.next(computeAnswer(status));
    await runCompute(world);
    expect(await seriesIn(world, state)).toMatchObject({ ...expected, compute: { httpStatus: status } });
  });
});

describe('no call is made', () => {
  test.each([
    { name: 'for an X-ray', product: 'qXR', compute: 'call' },
    { name: 'where Qure starts by itself', product: 'qER', compute: 'automatic' },
  ] as const)('$name', async ({ product, compute }) => {
    const world = newWorld({ sources: [sourceNamed('default', { compute })] });
    await uploaded(world, { product });
    await runCompute(world);
    expect(await seriesIn(world, 'COMPUTING')).not.toHaveProperty('compute');
    expect(world.polls.sent).toHaveLength(1);
  });

  test('REQ-ONCE-1: when Qure has accepted this very set before; its answer is stored again', async () => {
    const world = newWorld();
    await computingSeries(world, { compute: ACCEPTED });
    const computing = await seriesIn(world, 'COMPUTING');
    const { resultsDeadline: _by, ...kept } = computing;
    const deliveryDeadline = '2026-03-01T09:00:00.000Z';
    world.series.seed({ ...kept, state: 'COMPLETE', generation: 2, deliveryDeadline });
    world.qure.uploads.always(receivingQure());
    await runCompute(world, { ...ID, ticket: computing.ticket, tries: 0 });
    expect(await seriesIn(world, 'COMPUTING')).toMatchObject({ generation: 2, compute: ACCEPTED });
  });

  test.each([
    { name: 'an older ticket', ticket: 1 },
    { name: 'a newer one', ticket: 9 },
  ])('for $name', async ({ ticket }) => {
    const world = newWorld();
    await completedSeries(world);
    await runCompute(world, { ...ID, ticket, tries: 0 });
    await seriesIn(world, 'COMPLETE');
  });
});

test('calls again for an accepted set if a call for another one may have reached Qure since', async () => {
  const world = newWorld();
  await computingSeries(world, { compute: ACCEPTED });
  const computing = await seriesIn(world, 'COMPUTING');
  const { resultsDeadline: _by, ...kept } = computing;
  const deliveryDeadline = '2026-03-01T09:00:00.000Z';
  // Generation 2 was another set; the answer to its call was never stored.
  const callIntent = { generation: 2, at: world.clock.instant(), isLaterGeneration: true };
  world.series.seed({ ...kept, state: 'COMPLETE', generation: 3, callIntent, deliveryDeadline });
  world.qure.seriesResults.next(resultsAnswer(202));
  world.qure.uploads.always(receivingQure());
  world.qure.computes.next(computeAnswer(200));
  await runCompute(world, { ...ID, ticket: computing.ticket, tries: 0 });
  expect(world.qure.computes.calls).toMatchObject([{ recompute: true }]);
  expect(await seriesIn(world, 'COMPUTING')).toMatchObject({ generation: 3 });
});

test('fails the message of a source that was removed', async () => {
  const world = newWorld();
  const message = await completedSeries(world);
  world.sources = [];
  const answer = await createHandler(world.deps)(sqsEvent([JSON.stringify(message)]), lambdaContext(world));
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-1' }] });
});
