import { expect, test } from 'vitest';
import { PROBE_SECONDS } from '../../../functions/admission/circuit-breaker.ts';
import { handleLateArrival } from '../../../functions/completion/complete-series.ts';
import { createHandler } from '../../../functions/handlers/compute/handler.ts';
import type { ComputeMessage } from '../../../functions/series/messages.ts';
import { lambdaContext, sqsEvent } from '../../support/world/delivery.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { computeAnswer, receivingQure } from '../../support/world/qure-answers.ts';
import { putSlices } from '../../support/world/scans.ts';
import { index } from '../../support/world/stages.ts';
import { sourceNamed, type World } from '../../support/world/world.ts';

/** More than one request each, so that a run that does not wait for the first answer makes several calls. */
const SLICES = 33;
const SERIES = 6;
const HOUR_SECONDS = 3600;

/** Works on all messages at once, in processes that remember the credentials as good and have not heard of a refusal. */
function warmProcesses(world: World) {
  const verifiedCredentials = {
    has: () => true,
    delete: () => false,
    add: () => verifiedCredentials,
  } as unknown as Set<string>;
  const handler = createHandler({ ...world.deps, verifiedCredentials });
  return async (messages: readonly ComputeMessage[]) => {
    const runs = messages.map((message) =>
      handler(sqsEvent([JSON.stringify(message)]), lambdaContext(world)),
    );
    for (const { batchItemFailures } of await Promise.all(runs)) expect(batchItemFailures).toEqual([]);
  };
}

async function putSeries(world: World, count: number): Promise<void> {
  for (let at = 1; at <= count; at += 1) {
    const seriesInstanceUid = `1.2.${at}`;
    const overrides = { seriesInstanceUid, ...(at % 2 === 0 ? { studyDescription: 'STROKE' } : {}) };
    await index(world, putSlices(world, SLICES, { folder: `default/p${at}`, overrides }));
    await handleLateArrival(world.deps, { source: 'default', seriesInstanceUid }, world.source, 'marker');
  }
}

/** Messages as they become visible. */
function lineOf(world: World) {
  const waiting: { message: ComputeMessage; atMs: number }[] = [];
  return () => {
    const nowMs = world.clock.now().getTime();
    for (const { message, delaySeconds } of world.compute.sent.splice(0))
      waiting.push({ message, atMs: nowMs + delaySeconds * 1000 });
    const due = waiting.filter(({ atMs }) => atMs <= nowMs);
    for (const one of due) waiting.splice(waiting.indexOf(one), 1);
    return due.map(({ message }) => message);
  };
}

test('while a source is stopped, makes one probe every two minutes; then all series continue within five', async () => {
  const world = newWorld({ sources: [sourceNamed('default', { deliveryTimeoutSeconds: 86_400 })] });
  await putSeries(world, SERIES);
  const deliver = warmProcesses(world);
  const takeDue = lineOf(world);
  world.qure.uploads.always({ kind: 'auth_rejected' });
  const all = takeDue();
  expect(new Set(all.map(({ priority }) => priority))).toEqual(new Set(['urgent', undefined]));
  await deliver(all.slice(0, 2));
  // Two runs were under way; neither makes more calls than its source allows at once.
  const underWay = world.qure.uploads.calls.length;
  expect(underWay).toBeLessThanOrEqual(2 * world.source.uploadConcurrency);
  await deliver(all.slice(2));
  expect(world.qure.uploads.calls).toHaveLength(underWay);

  for (let second = 0; second < HOUR_SECONDS; second += 1) {
    world.clock.advance(1);
    await deliver(takeDue());
  }
  const probes = world.qure.uploads.calls.length - underWay;
  expect(probes).toBeLessThanOrEqual(HOUR_SECONDS / PROBE_SECONDS);
  // Urgent ones ask twice a minute at least: no probe is late by more.
  expect(probes).toBeGreaterThanOrEqual(HOUR_SECONDS / (PROBE_SECONDS + 30));
  expect(world.series.all().map(({ state }) => state)).not.toContain('FAILED');

  world.qure.uploads.always(receivingQure());
  world.qure.computes.always(computeAnswer(200));
  const goneOn = (priority: 'urgent' | undefined) =>
    world.series
      .all()
      .every(
        (row) => row.state === 'COMPUTING' || !('priority' in row ? row.priority === priority : !priority),
      );
  for (let second = 0; second < 300; second += 1) {
    world.clock.advance(1);
    await deliver(takeDue());
    if (second === 180) expect(goneOn('urgent')).toBe(true);
  }
  expect(new Set(world.series.all().map(({ state }) => state))).toEqual(new Set(['COMPUTING']));
});
