import { expect, test } from 'vitest';
import { createHandler } from '../../../functions/handlers/check-completion/handler.ts';
import { registerMarker } from '../../../functions/ingest/register-marker.ts';
import { deliverAll } from '../../support/world/delivery.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { putSlices } from '../../support/world/scans.ts';
import { index, lastOf, seriesIn } from '../../support/world/stages.ts';
import { sourceNamed, type World } from '../../support/world/world.ts';

/** S3 events of 10,000 series of another source stand in the ingest queue before ours. */
const FLOOD = 3_000_000;

function emergencyDepartment(): World {
  const world = newWorld({
    sources: [sourceNamed('default', { priority: 'urgent' }), sourceNamed('archive')],
  });
  world.waitingDrops = FLOOD;
  return world;
}

test('a marker completes its series during a backlog, with objects whose events are still in the queue', async () => {
  const world = emergencyDepartment();
  const keys = putSlices(world, 5);
  // The events of the other four have not been received yet.
  await index(world, keys.slice(0, 1));
  world.drop.put('default/Doe^Jane/_COMPLETE', Buffer.alloc(0));
  await registerMarker(world.deps, 'default/Doe^Jane/_COMPLETE', world.source);
  const began = world.clock.now().getTime();
  const handler = createHandler(world.deps);
  await deliverAll(world, [{ queue: world.completion.waiting, handler }], {
    until: () => world.compute.sent.length > 0,
  });
  expect(await seriesIn(world, 'COMPLETE')).toMatchObject({
    instances: 5,
    evidence: 'marker',
    priority: 'urgent',
  });
  expect(lastOf(world.compute.sent)).toMatchObject({ priority: 'urgent' });
  expect(world.clock.now().getTime()).toBe(began);
});

test('REQ-COMP-3: without a marker the quiet period waits for the backlog, up to maxWaitSeconds', async () => {
  const world = emergencyDepartment();
  await index(world, putSlices(world, 5));
  const began = world.clock.now().getTime();
  const handler = createHandler(world.deps);
  await deliverAll(world, [{ queue: world.completion.waiting, handler }], {
    maxDeliveries: 1000,
    until: () => world.compute.sent.length > 0,
  });
  expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 5, evidence: 'max_wait' });
  expect((world.clock.now().getTime() - began) / 1000).toBe(world.source.maxWaitSeconds);
});
