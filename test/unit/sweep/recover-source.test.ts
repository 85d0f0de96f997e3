import { describe, expect, test } from 'vitest';
import type { CircuitReason } from '../../../functions/core/circuit.ts';
import { type Circuit, credentialsFingerprintOf } from '../../../functions/core/circuit.ts';
import type { FailedSeries } from '../../../functions/core/series.ts';
import { fail } from '../../../functions/core/transitions.ts';
import { recoverSource } from '../../../functions/sweep/recover-source.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { ID } from '../../support/world/scans.ts';
import { completedSeries, seriesIn } from '../../support/world/stages.ts';
import { credentialsOf, sourceNamed, type World } from '../../support/world/world.ts';

/** A source that Qure refused, with this many series that failed for it, a second apart: `1.2.1` is the oldest. */
async function stopped(
  world: World,
  count = 1,
  reason: CircuitReason = 'auth_rejected',
): Promise<FailedSeries> {
  await completedSeries(world);
  const complete = await seriesIn(world, 'COMPLETE');
  const { dueAt: _due, ...failed } = fail(complete, { reason, detail: 'why' }, world.clock.instant());
  world.series.seed({ ...failed, outbox: [] });
  for (let at = 1; at < count; at += 1) {
    const changedAt = new Date(world.clock.now().getTime() - (count - at) * 1000).toISOString();
    world.series.seed({ ...failed, outbox: [], seriesInstanceUid: `1.2.${at}`, changedAt });
  }
  await world.circuits.put(circuitOf(world, { reason }));
  world.compute.sent.length = 0;
  return { ...failed, outbox: [] };
}

function circuitOf(world: World, overrides: Partial<Circuit> = {}): Circuit {
  return {
    source: 'default',
    reason: 'auth_rejected',
    openedAt: world.clock.instant(),
    credentialsFingerprint: credentialsFingerprintOf(credentialsOf('default')),
    ...overrides,
  };
}

async function circuit(world: World): Promise<Circuit | undefined> {
  return (await world.circuits.load('default')).circuit;
}

function retriedUids(world: World): string[] {
  return world.compute.sent.map(({ message }) => message.seriesInstanceUid);
}

describe('a source whose calls were stopped', () => {
  test('stays so while its secret stands', async () => {
    const world = newWorld();
    await stopped(world);
    world.clock.advance(119);
    await recoverSource(world.deps, world.source);
    await seriesIn(world, 'FAILED');
    expect(await circuit(world)).not.toHaveProperty('recoveringAt');
  });

  test('REQ-SRC-1: goes on with another secret: what failed for it is retried', async () => {
    const world = newWorld();
    await stopped(world, 3);
    world.credentials.set('default', credentialsOf('default', 2));
    await recoverSource(world.deps, world.source);
    const { ticket } = await seriesIn(world, 'COMPLETE');
    expect(world.compute.sent).toHaveLength(3);
    expect(world.compute.sent).toContainEqual({ message: { ...ID, ticket, tries: 0 }, delaySeconds: 0 });
  });

  test('is free only when nothing is left to retry', async () => {
    const world = newWorld();
    await stopped(world, 3);
    await world.circuits.countDenial('default');
    world.credentials.set('default', credentialsOf('default', 2));
    await recoverSource(world.deps, world.source);
    expect(await circuit(world)).toMatchObject({ recoveringAt: expect.any(String) });
    await recoverSource(world.deps, world.source);
    expect(await world.circuits.load('default')).toEqual({ denials: 0 });
    expect(world.compute.sent).toHaveLength(3);
  });

  test('more than one sweep can retry are retried by the next ones', async () => {
    const world = newWorld();
    await stopped(world, 230);
    world.credentials.set('default', credentialsOf('default', 2));
    await recoverSource(world.deps, world.source);
    expect(world.compute.sent).toHaveLength(200);
    await recoverSource(world.deps, world.source);
    expect(new Set(retriedUids(world)).size).toBe(230);
    expect(await circuit(world)).toMatchObject({ recoveringAt: expect.any(String) });
  });

  test('that is refused again in the very moment stays stopped', async () => {
    const world = newWorld();
    await stopped(world);
    world.series.seed({ ...(await seriesIn(world, 'FAILED')), reason: 'object_missing' });
    await world.circuits.put(circuitOf(world, { recoveringAt: '2026-03-01T00:00:00.000Z' }));
    world.probe.before = async ({ name }) => {
      if (name === 'circuits.removeRecovered') await world.circuits.put(circuitOf(world));
    };
    await recoverSource(world.deps, world.source);
    expect(await circuit(world)).not.toHaveProperty('recoveringAt');
  });

  test('a sweep that dies while it retries is gone on with by the next', async () => {
    const world = newWorld();
    await stopped(world, 3);
    world.credentials.set('default', credentialsOf('default', 2));
    breakCalls(world.probe, 'series.save', 'before');
    await expect(recoverSource(world.deps, world.source)).rejects.toThrow('is broken');
    await recoverSource(world.deps, world.source);
    expect(world.compute.sent).toHaveLength(3);
  });

  test('what failed for other reasons is left', async () => {
    const world = newWorld();
    await stopped(world);
    world.series.seed({ ...(await seriesIn(world, 'FAILED')), reason: 'receipt_mismatch' });
    world.credentials.set('default', credentialsOf('default', 2));
    await recoverSource(world.deps, world.source);
    await seriesIn(world, 'FAILED');
  });

  test('what fails again while it recovers is not retried for ever', async () => {
    const world = newWorld();
    const failed = await stopped(world, 2);
    world.credentials.set('default', credentialsOf('default', 2));
    await recoverSource(world.deps, world.source);
    world.clock.advance(60);
    // Refused for itself (403): it must not come round with every sweep and open the circuit again.
    world.series.seed({ ...failed, reason: 'source_denied', changedAt: world.clock.instant(), version: 50 });
    world.compute.sent.length = 0;
    await recoverSource(world.deps, world.source);
    expect(world.compute.sent).toEqual([]);
    expect(await circuit(world)).toBeUndefined();
  });

  test('another source is left alone', async () => {
    const world = newWorld({ sources: [sourceNamed('default'), sourceNamed('second')] });
    await stopped(world);
    world.clock.advance(120);
    await recoverSource(world.deps, sourceNamed('second'));
    await seriesIn(world, 'FAILED');
  });
});

describe('a probe', () => {
  test('of the oldest failure is let through every two minutes, and no other series', async () => {
    const world = newWorld();
    await stopped(world, 3, 'license_expired');
    world.clock.advance(120);
    await recoverSource(world.deps, world.source);
    expect(retriedUids(world)).toEqual(['1.2.1']);
    expect(await circuit(world)).toMatchObject({
      probeSeriesInstanceUid: '1.2.1',
      probedAt: world.clock.instant(),
    });
    await recoverSource(world.deps, world.source);
    expect(world.compute.sent).toHaveLength(1);
  });

  test('is never one for a product that has left the list of its source: that one would be refused for ever', async () => {
    const world = newWorld();
    const failed = await stopped(world, 3, 'license_expired');
    const oldest = { ...failed, seriesInstanceUid: '1.2.1', product: 'qCT' as const, version: 50 };
    const changedAt = new Date(world.clock.now().getTime() - 2000).toISOString();
    world.series.seed({ ...oldest, changedAt });
    world.clock.advance(120);
    const source = { ...world.source, products: ['qER' as const] };
    await recoverSource(world.deps, source);
    expect(retriedUids(world)).toEqual(['1.2.2']);
  });

  test('that fails becomes the newest: each has its turn', async () => {
    const world = newWorld();
    const failed = await stopped(world, 3, 'source_denied');
    for (const _turn of [1, 2, 3]) {
      world.clock.advance(120);
      await recoverSource(world.deps, world.source);
      const [seriesInstanceUid = ''] = retriedUids(world).slice(-1);
      world.series.seed({ ...failed, seriesInstanceUid, changedAt: world.clock.instant(), version: 50 });
    }
    expect(retriedUids(world)).toEqual(['1.2.1', '1.2.2', ID.seriesInstanceUid]);
  });

  test('is due at once after a pause', async () => {
    const world = newWorld();
    await stopped(world);
    await recoverSource(world.deps, world.source, true);
    expect(await circuit(world)).toMatchObject({ probeSeriesInstanceUid: ID.seriesInstanceUid });
    await seriesIn(world, 'COMPLETE');
  });

  test('where nothing failed is whichever series comes next, and then the source is free', async () => {
    const world = newWorld();
    await stopped(world);
    world.series.seed({ ...(await seriesIn(world, 'FAILED')), reason: 'object_missing' });
    world.clock.advance(120);
    await recoverSource(world.deps, world.source);
    expect(await circuit(world)).toMatchObject({ recoveringAt: expect.any(String) });
    await recoverSource(world.deps, world.source);
    expect(await world.circuits.load('default')).toEqual({ denials: 0 });
  });
});
