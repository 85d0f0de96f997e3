import { expect, test } from 'vitest';
import { createHandler } from '../../../../functions/handlers/sweep/handler.ts';
import { completeRow } from '../../../support/series-rows.ts';
import { lambdaContext } from '../../../support/world/delivery.ts';
import { newWorld } from '../../../support/world/new-world.ts';
import { START } from '../../../support/world/world.ts';

/** More than a page, all in line before the compute stage since one moment. */
const SERIES = 120;

test('a long line gets five messages for each series in its first hour, not one every two minutes', async () => {
  const world = newWorld();
  for (let number = 1; number <= SERIES; number += 1) {
    const seriesInstanceUid = `1.2.3.${number}`;
    world.series.seed(completeRow({ source: 'default', seriesInstanceUid, changedAt: START, dueAt: START }));
  }
  const sweep = createHandler(world.deps);
  world.clock.advance(60);
  for (let minute = 1; minute <= 60; minute += 1) {
    await sweep({}, lambdaContext(world));
    world.clock.advance(60);
  }
  expect(world.compute.sent.length).toBeLessThanOrEqual(6 * SERIES);
  // Of every series the last message is still a good one.
  const uids = new Set(world.compute.sent.map(({ message }) => message.seriesInstanceUid));
  expect(uids.size).toBe(SERIES);
  expect(world.compute.sent.every(({ message }) => message.ticket === 2)).toBe(true);
});
