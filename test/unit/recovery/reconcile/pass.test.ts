import { describe, expect, test } from 'vitest';
import { createHandler } from '../../../../functions/handlers/reconcile/handler.ts';
import {
  decodePosition,
  encodePosition,
  PHASES,
  type Position,
  type ReconciliationPass,
} from '../../../../functions/recovery/reconcile/reconciliation.ts';
import { lambdaContext } from '../../../support/world/delivery.ts';
import { newWorld } from '../../../support/world/new-world.ts';
import { breakCalls } from '../../../support/world/port-calls.ts';
import { putSlices } from '../../../support/world/scans.ts';
import type { World } from '../../../support/world/world.ts';

const HOUR = 3600;

function runOnce(world: World, repair = true) {
  return createHandler(world.deps)({ pass: { repair } }, lambdaContext(world));
}

function ends(world: World) {
  return world.log.filter(({ message }) => message === 'reconciliation ended').length;
}

describe('the daily pass', () => {
  test('REQ-ING-3: begins once a day, and logs its findings by counts', async () => {
    const world = newWorld();
    putSlices(world, 3);
    world.clock.advance(HOUR);
    expect(await runOnce(world)).toMatchObject({ isComplete: true });
    expect(world.instances.all()).toHaveLength(3);
    expect(world.log).toContainEqual({
      level: 'warn',
      message: 'reconciliation found',
      fields: { source: 'default', kind: 'object_unknown', outcome: 'repaired', findings: 3 },
    });
    world.clock.advance(23 * HOUR);
    expect(await runOnce(world)).toEqual({ pages: 0, isComplete: true });
    world.clock.advance(HOUR);
    await runOnce(world);
    expect(ends(world)).toBe(2);
  });

  test('only reports without repair', async () => {
    const world = newWorld();
    putSlices(world, 3);
    world.clock.advance(HOUR);
    await runOnce(world, false);
    expect(world.instances.all()).toEqual([]);
  });

  test('is resumed by later runs when its time is up', async () => {
    const world = newWorld();
    putSlices(world, 2_500);
    world.clock.advance(HOUR);
    // Time for one page in each run.
    world.probe.after = ({ name, args: [saved] }) => {
      const isAfterPage = (saved as ReconciliationPass | undefined)?.failedRuns === undefined;
      if (name === 'reconciliation.savePass' && isAfterPage) world.remainingMs = 100_000;
    };
    const runs = [];
    for (let at = 0; at < 7; at += 1) {
      world.remainingMs = 840_000;
      runs.push(await runOnce(world));
    }
    // Three pages of the listing, and one of each other phase.
    expect(runs.map((one) => 'isComplete' in one && one.isComplete)).toEqual([
      ...Array.from({ length: 5 }, () => false),
      true,
      true,
    ]);
    expect(world.instances.all()).toHaveLength(2_500);
    expect(ends(world)).toBe(1);
  });

  test('is resumed after a run that died', async () => {
    const world = newWorld();
    putSlices(world, 3);
    world.clock.advance(HOUR);
    breakCalls(world.probe, 'reconciliation.savePass', 'before');
    await expect(runOnce(world)).rejects.toThrow('is broken');
    delete world.probe.before;
    expect(await runOnce(world)).toMatchObject({ isComplete: true });
    expect(ends(world)).toBe(1);
  });
});

describe('a position', () => {
  const positions: Position[] = [
    { phase: 'objects' },
    { phase: 'objects', after: 'default/Ä 1' },
    ...PHASES.map((phase) => ({ phase, after: 'x' })),
  ];
  test.each(positions)('$phase $after survives encoding', (position) => {
    expect(decodePosition(encodePosition(position))).toEqual(position);
  });

  test.each(['', 'x', 'e30', Buffer.from('{"phase":"other"}').toString('base64url')])(
    '%j is not a position',
    async (text) => {
      expect(decodePosition(text)).toBeUndefined();
    },
  );
});

test.each([
  { name: 'a cursor that nobody gave', event: { cursor: 'x' } },
  { name: 'an unknown field', event: { repairs: true } },
  { name: 'a negative age', event: { minAgeSeconds: -1 } },
])('$name is refused', async ({ event }) => {
  const world = newWorld();
  await expect(createHandler(world.deps)(event, lambdaContext(world))).rejects.toThrow();
});
