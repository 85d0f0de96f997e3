import { expect, test } from 'vitest';
import { handleLateArrival } from '../../../functions/check-completion/complete-series.ts';
import { createHandler } from '../../../functions/compute/handler.ts';
import { PROBE_SECONDS } from '../../../functions/core/circuit.ts';
import type { ComputeMessage } from '../../../functions/core/messages.ts';
import { startUploading } from '../../../functions/core/transitions.ts';
import { createHandler as createSweep } from '../../../functions/sweep/handler.ts';
import { lambdaContext, sqsEvent } from '../../support/world/delivery.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { putSlices } from '../../support/world/scans.ts';
import { index } from '../../support/world/stages.ts';
import type { World } from '../../support/world/world.ts';

/** More than one request each, so that a run that does not wait for the first answer makes several calls. */
const SLICES = 33;
const SERIES = 6;
const HOUR_SECONDS = 3600;

/** Works on all messages at once, in processes that remember the credentials as good and have not heard of a refusal. */
function warmProcesses(world: World) {
  const proven = { has: () => true, delete: () => false, add: () => proven } as unknown as Set<string>;
  const handler = createHandler({ ...world.deps, proven });
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

function takeSent(world: World): ComputeMessage[] {
  return world.compute.sent.splice(0).map(({ message }) => message);
}

const sweep = (world: World) => createSweep(world.deps)({}, lambdaContext(world));

test('while a circuit is open: the calls under way, and one probe every two minutes, whatever runs at once', async () => {
  const world = newWorld();
  await putSeries(world, SERIES);
  const deliver = warmProcesses(world);
  world.qure.uploads.always({ kind: 'auth_rejected' });
  const all = takeSent(world);
  expect(new Set(all.map(({ priority }) => priority))).toEqual(new Set(['urgent', undefined]));
  await deliver(all.slice(0, 2));
  // Two runs were under way; neither makes more calls than its source allows at once.
  const underWay = world.qure.uploads.calls.length;
  expect(underWay).toBeLessThanOrEqual(2 * world.source.uploadConcurrency);
  await deliver(all.slice(2));
  expect(world.qure.uploads.calls).toHaveLength(underWay);

  for (let second = 0; second < HOUR_SECONDS; second += 60) {
    world.clock.advance(60);
    await sweep(world);
    await deliver(takeSent(world));
  }
  expect(world.qure.uploads.calls.length - underWay).toBe(HOUR_SECONDS / PROBE_SECONDS);
});

test('a probe that stands in a long line is not replaced, and nothing else goes through meanwhile', async () => {
  const world = newWorld();
  await putSeries(world, 3);
  const deliver = warmProcesses(world);
  world.qure.uploads.always({ kind: 'auth_rejected' });
  await deliver(takeSent(world));
  const before = world.qure.uploads.calls.length;
  const lined: ComputeMessage[] = [];
  for (let minute = 0; minute < 30; minute += 1) {
    world.clock.advance(60);
    await sweep(world);
    lined.push(...takeSent(world));
  }
  // One series; the sweep has sent it new messages, and the last one counts.
  expect(new Set(lined.map(({ seriesInstanceUid }) => seriesInstanceUid)).size).toBe(1);
  expect((await world.circuits.load('default')).circuit).not.toHaveProperty('recoveringAt');
  await deliver(lined);
  expect(world.qure.uploads.calls).toHaveLength(before + 1);
});

test.each([
  { name: 'in a run that may still call', ageSeconds: 899, isReplaced: false },
  { name: 'for longer than a run can take', ageSeconds: 901, isReplaced: true },
])('a probe that is uploading $name is replaced: $isReplaced', async ({ ageSeconds, isReplaced }) => {
  const world = newWorld();
  await putSeries(world, 2);
  world.qure.uploads.always({ kind: 'auth_rejected' });
  await warmProcesses(world)(takeSent(world));
  world.clock.advance(PROBE_SECONDS);
  await sweep(world);
  const [probe] = takeSent(world);
  const id = { source: 'default', seriesInstanceUid: probe?.seriesInstanceUid ?? '' };
  const row = await world.series.load(id);
  if (row?.state !== 'COMPLETE') throw new Error('expected the probe in line');
  const { dueAt: _notForTheSweep, ...uploading } = startUploading(row, world.source, world.clock.instant());
  world.series.seed(uploading);
  world.clock.advance(ageSeconds);
  await sweep(world);
  const { circuit } = await world.circuits.load('default');
  expect(circuit?.probeSeriesInstanceUid !== id.seriesInstanceUid).toBe(isReplaced);
});
