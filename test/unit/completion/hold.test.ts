import { describe, expect, test } from 'vitest';
import { checkMarker } from '../../../functions/completion/check-marker.ts';
import { checkQuiet } from '../../../functions/completion/check-quiet.ts';
import { handleLateArrival } from '../../../functions/completion/complete-series.ts';
import type { CompletionMessage } from '../../../functions/series/messages.ts';
import type { Source } from '../../../functions/sources/source.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { ID, keyOf, slice } from '../../support/world/scans.ts';
import { index, seriesIn } from '../../support/world/stages.ts';
import { sourceNamed, type World } from '../../support/world/world.ts';

/** Twelve slices of a head CT but for these, in a source with a quiet period of 60 s and a longest wait of 900 s. */
async function scanWithout(missing: number[], options: Partial<Source>, claim?: number): Promise<World> {
  const world = newWorld({ sources: [sourceNamed('default', options)] });
  await drop(
    world,
    Array.from({ length: 12 }, (_, at) => at + 1).filter((number) => !missing.includes(number)),
    claim,
  );
  world.completion.sent.length = 0;
  return world;
}

async function drop(world: World, numbers: readonly number[], claim?: number): Promise<void> {
  for (const number of numbers) {
    const geometry = { imagePositionMm: [0, 0, number * 5], imageOrientation: [1, 0, 0, 0, 1, 0] };
    const claimed = claim === undefined ? {} : { expectedInstances: claim };
    world.drop.put(keyOf(number), slice(number, { ...geometry, ...claimed }));
  }
  await index(
    world,
    numbers.map((number) => keyOf(number)),
  );
}

const quiet = (ticket = 1) => ({ kind: 'quiet' as const, ...ID, ticket });

/** Looks whenever a message says so, until the series is judged; answers the seconds from the start to then. */
async function lookUntilJudged(world: World, mostSeconds = 2_000): Promise<number> {
  let waited = 0;
  let next = 60;
  let look: CompletionMessage = quiet();
  while (waited <= mostSeconds) {
    world.clock.advance(next);
    waited += next;
    world.completion.sent.length = 0;
    if (look.kind !== 'quiet') throw new Error(`expected a look for silence, got ${look.kind}`);
    await checkQuiet(world.deps, look, world.source);
    const [left] = world.completion.sent;
    if (left === undefined || left.message.kind === 'ended') return waited;
    next = left.delaySeconds;
    look = left.message;
  }
  throw new Error(`expected a judgement within ${mostSeconds} s, got none`);
}

describe('a series that seems to lack a slice', () => {
  test('is completed at once by default, with a warning', async () => {
    const world = await scanWithout([7], {});
    expect(await lookUntilJudged(world)).toBe(60);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({
      evidence: 'quiet',
      quality: { missing: [7], gaps: 1 },
    });
  });

  test('is held until the longest wait, then completed with a warning', async () => {
    const world = await scanWithout([7], { quality: 'hold' });
    expect(await lookUntilJudged(world)).toBe(900);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({
      evidence: 'max_wait',
      quality: { missing: [7], gaps: 1 },
    });
    expect(world.log.filter(({ message }) => message.startsWith('series waits for slices'))).toHaveLength(14);
  });

  test('is completed when the slice arrives', async () => {
    const world = await scanWithout([7], { quality: 'hold' });
    world.clock.advance(60);
    await checkQuiet(world.deps, quiet(), world.source);
    world.clock.advance(30);
    await drop(world, [7]);
    const series = await seriesIn(world, 'RECEIVING');
    expect(series.generation).toBe(1);
    world.clock.advance(30);
    await checkQuiet(world.deps, quiet(2), world.source);
    world.clock.advance(30);
    await checkQuiet(world.deps, quiet(3), world.source);
    const complete = await seriesIn(world, 'COMPLETE');
    expect(complete).toMatchObject({ evidence: 'quiet', instances: 12 });
    expect(complete).not.toHaveProperty('quality');
  });

  test('has one next check although its message was delivered twice', async () => {
    const world = await scanWithout([7], { quality: 'hold' });
    world.clock.advance(60);
    await checkQuiet(world.deps, quiet(), world.source);
    await checkQuiet(world.deps, quiet(), world.source);
    expect(world.completion.sent).toEqual([{ message: quiet(2), delaySeconds: 60 }]);
  });

  test('is not sent again by the sweep while it is held', async () => {
    const world = await scanWithout([7], { quality: 'hold' });
    world.clock.advance(60);
    await checkQuiet(world.deps, quiet(), world.source);
    // The next look, and the grace of a stage.
    expect((await seriesIn(world, 'RECEIVING')).dueAt).toBe('2026-03-01T08:04:00.000Z');
  });

  test.each([
    {
      name: 'a longest wait within the quiet period',
      options: { quality: 'hold', maxWaitSeconds: 30 } as const,
    },
    { name: 'nothing that lacks', missing: [], options: { quality: 'hold' } as const },
    { name: 'an end, of which nothing is known', missing: [12], options: { quality: 'hold' } as const },
  ])('is not held: $name', async ({ missing = [7], options }) => {
    const world = await scanWithout(missing, options);
    expect(await lookUntilJudged(world)).toBe(60);
    await seriesIn(world, 'COMPLETE');
  });

  test('is not held if a marker says that everything was dropped', async () => {
    const world = await scanWithout([7], { quality: 'hold' });
    await handleLateArrival(world.deps, ID, world.source, 'marker');
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({
      evidence: 'marker',
      quality: { missing: [7] },
    });
  });

  test('fails if its source refuses it, and a late slice begins a new generation', async () => {
    const world = await scanWithout([7], { quality: 'refuse' });
    expect(await lookUntilJudged(world)).toBe(60);
    expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: 'incomplete_geometry', generation: 1 });
    expect([world.compute.sent, world.qure.uploads.calls]).toEqual([[], []]);
    expect(world.metrics.filter(({ name }) => name === 'SeriesCompleted')).toEqual([]);
    expect(
      world.metrics
        .filter(({ name }) => name === 'QualityFindings')
        .map(({ dimensions }) => dimensions.reason),
    ).toEqual(['missing', 'gaps']);
    await drop(world, [7]);
    await handleLateArrival(world.deps, ID, world.source, undefined);
    const { ticket } = await seriesIn(world, 'RECEIVING');
    world.clock.advance(60);
    await checkQuiet(world.deps, quiet(ticket), world.source);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ generation: 2, instances: 12 });
  });

  test('fails if its source refuses it, although a marker says that everything was dropped', async () => {
    const world = await scanWithout([7], { quality: 'refuse' });
    const marker = {
      source: 'default',
      id: 'm',
      prefix: 'default/',
      expectation: { kind: 'series' as const, series: { [ID.seriesInstanceUid]: 11 } },
      droppedAt: world.clock.instant(),
    };
    const message = { kind: 'marker' as const, source: 'default', markerId: 'm', tries: 0 };
    await checkMarker(world.deps, marker as never, world.source, message, false);
    await seriesIn(world, 'FAILED');
  });
});

describe('fewer than the headers claim', () => {
  test.each([
    { quality: 'warn', seconds: 60, evidence: 'quiet' },
    { quality: 'hold', seconds: 900, evidence: 'max_wait' },
    { quality: 'refuse', seconds: 900, evidence: 'max_wait' },
  ] as const)(
    '$quality: is completed after $seconds s, never failed',
    async ({ quality, seconds, evidence }) => {
      const world = await scanWithout([12], { quality }, 12);
      expect(await lookUntilJudged(world)).toBe(seconds);
      expect(await seriesIn(world, 'COMPLETE')).toMatchObject({
        evidence,
        quality: { claimedInstances: 12 },
      });
    },
  );
});
