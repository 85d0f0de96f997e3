import { type Arrival, learn, newSender, type SenderHistory } from '@qure-dropoff/learned-quiet';
import { describe, expect, test } from 'vitest';
import { checkQuiet } from '../../../functions/completion/check-quiet.ts';
import { handleLateArrival } from '../../../functions/completion/complete-series.ts';
import { learnSender } from '../../../functions/completion/learn-sender.ts';
import type { CompletionMessage } from '../../../functions/series/messages.ts';
import type { Source } from '../../../functions/sources/source.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { ID, keyOf, putSlices, slice } from '../../support/world/scans.ts';
import { index, lastOf, seriesIn } from '../../support/world/stages.ts';
import { sourceNamed, type World } from '../../support/world/world.ts';
import { zipOf } from '../../support/zip.ts';

const LIMITS = { floorSeconds: 3, quietSeconds: 60, longestSeconds: 600, holdSeconds: 600 };

const quiet = (ticket = 1) => ({ kind: 'quiet' as const, ...ID, ticket });
const ended = (generation = 1) => ({ kind: 'ended' as const, ...ID, generation });

function adaptiveWorld(overrides: Partial<Source> = {}): World {
  return newWorld({ sources: [sourceNamed('default', { completion: { mode: 'adaptive' }, ...overrides })] });
}

/** A sender of so many series of `slices`, one a second, with one pause inside each. */
function senderOfPast(series: number, pauseSeconds = 1): SenderHistory {
  const arrivals: Arrival[] = Array.from({ length: 10 }, (_, at) => ({
    atMs: (at + (at < 5 ? 0 : pauseSeconds)) * 1000,
    sopInstanceUid: `1.2.${at}`,
    number: at + 1,
  }));
  let history = newSender();
  for (let nth = 0; nth < series; nth += 1) history = learn(history, arrivals, LIMITS, 'CT').history;
  return history;
}

/** Indexes the slices, and lets their sender have that past. */
async function receiving(world: World, history: SenderHistory, numbers: readonly number[] = [1, 2, 3, 4]) {
  for (const number of numbers) world.drop.put(keyOf(number), slice(number));
  await index(
    world,
    numbers.map((number) => keyOf(number)),
  );
  const { sender = '' } = await seriesIn(world, 'RECEIVING');
  await world.senders.save({ source: 'default', sender, history, learned: [], version: 0 });
  return sender;
}

/** Looks whenever a message says so, until the series is judged; answers the seconds since `now`. */
async function lookUntilJudged(world: World, ticket = 1): Promise<number> {
  let waited = 0;
  let look: CompletionMessage = quiet(ticket);
  let next = lastOfDelays(world) ?? 0;
  for (let looks = 1; looks <= 60; looks += 1) {
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
  throw new Error('expected a judgement within 60 looks, got none');
}

function lastOfDelays(world: World): number | undefined {
  return world.completion.sent.at(-1)?.delaySeconds;
}

describe('a source that learns its senders', () => {
  test('calls a series of a fast sender complete after seconds, and says why', async () => {
    const world = adaptiveWorld();
    await receiving(world, senderOfPast(200));
    expect(await lookUntilJudged(world)).toBe(5);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({
      evidence: 'learned',
      silence: { seconds: 4.8828125, reason: 'learned', knownSeries: 200, longestSilenceSeconds: 2.44140625 },
      instances: 4,
    });
  });

  test('treats a new sender as the quiet period does, with one look more', async () => {
    const world = adaptiveWorld();
    await receiving(world, senderOfPast(19));
    expect(await lookUntilJudged(world)).toBe(60);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({
      evidence: 'quiet',
      silence: { seconds: 60, reason: 'new_sender', knownSeries: 19 },
    });
  });

  test('waits for a hole, and no longer once it is filled', async () => {
    const world = adaptiveWorld();
    await receiving(world, senderOfPast(200), [1, 2, 4, 5]);
    world.clock.advance(40);
    await checkQuiet(world.deps, quiet(), world.source);
    // Soon enough to see that the hole is filled.
    expect(world.completion.sent.at(-1)).toMatchObject({ message: quiet(2), delaySeconds: 10 });
    world.drop.put(keyOf(3), slice(3));
    await index(world, [keyOf(3)]);
    expect(await lookUntilJudged(world, 2)).toBeLessThanOrEqual(60);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 5, evidence: 'learned' });
  });

  test('gives a hole up after ten minutes', async () => {
    const world = adaptiveWorld();
    await receiving(world, senderOfPast(200), [1, 2, 4, 5]);
    expect(await lookUntilJudged(world)).toBe(600);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({
      evidence: 'max_wait',
      silence: { reason: 'hole', seconds: 600 },
    });
  });

  test('gives it up after three minutes where the series is urgent', async () => {
    const world = adaptiveWorld({ priority: 'urgent' });
    await receiving(world, senderOfPast(200), [1, 2, 4, 5]);
    expect(await lookUntilJudged(world)).toBe(180);
  });

  test('looks soon at one or two slices: the next one may make it a fast series', async () => {
    const world = adaptiveWorld();
    await receiving(world, senderOfPast(200), [1]);
    world.clock.advance(4);
    await checkQuiet(world.deps, quiet(), world.source);
    expect(lastOfDelays(world)).toBe(1);
    for (const number of [2, 3]) world.drop.put(keyOf(number), slice(number));
    await index(world, [keyOf(2), keyOf(3)]);
    const { ticket } = await seriesIn(world, 'RECEIVING');
    expect(await lookUntilJudged(world, ticket)).toBeLessThan(30);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 3, evidence: 'learned' });
  });

  test('always waits for a quiet period that is longer than a quarter of an hour', async () => {
    const world = adaptiveWorld({ quietPeriodSeconds: 1_000, maxWaitSeconds: 2_000 });
    await receiving(world, senderOfPast(200));
    world.clock.advance(999);
    await checkQuiet(world.deps, quiet(), world.source);
    expect(lastOfDelays(world)).toBe(1);
  });

  test('takes its own floor', async () => {
    const world = adaptiveWorld({ completion: { mode: 'adaptive', floorSeconds: 12 } });
    await receiving(world, senderOfPast(200));
    expect(await lookUntilJudged(world)).toBe(12);
  });

  test('reads no row of an instance while the sender cannot have ended', async () => {
    const world = adaptiveWorld();
    await receiving(world, senderOfPast(10));
    breakCalls(world.probe, 'instances.ofSeries', 'before');
    for (const [seconds, left] of [
      [1, 59],
      [29, 30],
    ] as const) {
      world.clock.advance(seconds);
      const { ticket } = await seriesIn(world, 'RECEIVING');
      await checkQuiet(world.deps, quiet(ticket), world.source);
      expect(world.completion.sent.at(-1)?.delaySeconds).toBe(left);
    }
  });

  test('reads the rows of a series that seems to be routine only after the floor of routine ones', async () => {
    const world = adaptiveWorld();
    await receiving(world, senderOfPast(200));
    breakCalls(world.probe, 'instances.ofSeries', 'before');
    world.clock.advance(2);
    await checkQuiet(world.deps, quiet(), world.source);
    expect(world.completion.sent.at(-1)?.delaySeconds).toBe(1);
    const { ticket } = await seriesIn(world, 'RECEIVING');
    world.clock.advance(1);
    await expect(checkQuiet(world.deps, quiet(ticket), world.source)).rejects.toThrow();
  });

  test('looks rarely at a series that arrives for long', async () => {
    const world = adaptiveWorld();
    await receiving(world, senderOfPast(200));
    world.clock.advance(300);
    world.drop.put(keyOf(5), slice(5));
    await index(world, [keyOf(5)]);
    world.clock.advance(1);
    await checkQuiet(world.deps, quiet(), world.source);
    expect(lastOfDelays(world)).toBe(7);
  });

  test('takes a sender of which nothing is kept as a new one', async () => {
    const world = adaptiveWorld();
    await index(world, putSlices(world, 3));
    expect(await lookUntilJudged(world)).toBe(60);
  });
});

describe('an object of which S3 has not told yet', () => {
  test('is found before a series is called complete', async () => {
    const world = adaptiveWorld();
    await receiving(world, senderOfPast(200));
    world.drop.put(keyOf(5), slice(5));
    world.clock.advance(5);
    await checkQuiet(world.deps, quiet(), world.source);
    expect(world.completion.sent.at(-1)).toMatchObject({ message: quiet(2), delaySeconds: 3 });
    await lookUntilJudged(world, 2);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 5, generation: 1 });
  });

  test.each([
    { minutes: 14, instances: 5 },
    { minutes: 16, instances: 4 },
  ])(
    'of an upload in parts that began $minutes minutes ago is found up to a quarter of an hour back',
    async ({ minutes, instances }) => {
      const world = adaptiveWorld();
      const end = world.drop.begin(keyOf(5));
      world.clock.advance(minutes * 60);
      await receiving(world, senderOfPast(200));
      end(slice(5));
      await lookUntilJudged(world);
      expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances, evidence: 'learned' });
    },
  );

  test('is left to its event where it is of another series', async () => {
    const world = adaptiveWorld();
    await receiving(world, senderOfPast(200));
    const other = '1.2.840.1.3';
    world.drop.put(keyOf(9), slice(9, { seriesInstanceUid: other }));
    expect(await lookUntilJudged(world)).toBe(5);
    expect(await world.series.load({ ...ID, seriesInstanceUid: other })).toBeUndefined();
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 4, evidence: 'learned' });
  });

  test('is not sought among many new ones of other series: then the quiet period decides', async () => {
    const world = adaptiveWorld();
    await receiving(world, senderOfPast(200));
    for (let at = 1; at <= 60; at += 1)
      world.drop.put(keyOf(1_000 + at), slice(at, { seriesInstanceUid: `1.2.840.2.${at}` }));
    expect(await lookUntilJudged(world)).toBe(60);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 4 });
  });

  test('is no object that is no image, a marker or a folder', async () => {
    const world = adaptiveWorld();
    await receiving(world, senderOfPast(200));
    world.drop.put('default/Doe^Jane/notes.txt', Buffer.from('no image'));
    world.drop.put('default/Doe^Jane/_COMPLETE', Buffer.alloc(0));
    world.drop.put('default/Doe^Jane/', Buffer.alloc(0));
    expect(await lookUntilJudged(world)).toBe(5);
    expect(world.quarantine.all()).toEqual([]);
  });

  test('may be an archive: what is in it is waited for', async () => {
    const world = adaptiveWorld();
    await receiving(world, senderOfPast(200));
    world.drop.put('default/Doe^Jane/rest.zip', zipOf([{ name: '5', content: slice(5) }]));
    world.completion.sent.length = 0;
    world.clock.advance(5);
    await checkQuiet(world.deps, quiet(), world.source);
    expect(await seriesIn(world, 'RECEIVING')).toBeDefined();
    expect(world.completion.sent.map(({ message }) => message.kind)).toEqual(['archive', 'quiet']);
    expect(world.quarantine.all()).toEqual([]);
  });

  test('cannot be told in a folder of more than a thousand objects: then the quiet period decides', async () => {
    const world = adaptiveWorld();
    await receiving(world, senderOfPast(200));
    for (let at = 0; at < 1_000; at += 1) world.drop.put(`default/Doe^Jane/a${at}`, Buffer.from('no image'));
    expect(await lookUntilJudged(world)).toBe(60);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 4, evidence: 'learned' });
  });
});

describe('learning', () => {
  async function judged(world: World, history: SenderHistory) {
    const sender = await receiving(world, history);
    await lookUntilJudged(world);
    world.clock.advance(900);
    return async () => (await world.senders.load('default', sender))?.history;
  }

  test.each([
    { mode: 'adaptive' as const, past: 200 },
    { mode: 'quiet' as const, past: 200 },
    { mode: 'adaptive' as const, past: 0 },
  ])('adds a series once, however often its message comes: $mode, after $past', async ({ mode, past }) => {
    const world = adaptiveWorld({ completion: { mode } });
    const known = await judged(world, senderOfPast(past));
    for (let time = 1; time <= 3; time += 1) await learnSender(world.deps, ended(), world.source);
    expect(await known()).toMatchObject({ many: { series: past + 1 }, distrusted: 0 });
    expect(world.metrics.filter(({ name }) => name === 'SeriesMisjudged')).toEqual([
      { name: 'SeriesMisjudged', value: 0, dimensions: { source: 'default' } },
    ]);
  });

  test('is left to the later generation where an instance came late', async () => {
    const world = adaptiveWorld();
    const known = await judged(world, senderOfPast(200));
    world.drop.put(keyOf(5), slice(5));
    await index(world, [keyOf(5)]);
    await handleLateArrival(world.deps, ID, world.source, undefined);
    await learnSender(world.deps, ended(), world.source);
    expect(await known()).toMatchObject({ many: { series: 200 }, distrusted: 20 });
    const { ticket } = await seriesIn(world, 'RECEIVING');
    await lookUntilJudged(world, ticket);
    world.clock.advance(900);
    await learnSender(world.deps, lastOf(world.completion.sent) as ReturnType<typeof ended>, world.source);
    expect(await known()).toMatchObject({ many: { series: 201 }, distrusted: 20 });
    expect(world.metrics.filter(({ name }) => name === 'SeriesMisjudged')).toMatchObject([{ value: 1 }]);
  });

  test('takes what is dropped again for no pause', async () => {
    const world = adaptiveWorld();
    const known = await judged(world, senderOfPast(200));
    world.drop.put(keyOf(4), slice(4));
    await index(world, [keyOf(4)]);
    await learnSender(world.deps, ended(), world.source);
    expect((await known())?.many.longest.slice(1)).toEqual(senderOfPast(200).many.longest.slice(1));
  });

  test('is given up where others write the row each time, and said', async () => {
    const world = adaptiveWorld();
    await judged(world, senderOfPast(200));
    const senders = { ...world.deps.senders, save: async () => ({ kind: 'conflict' as const }) };
    await learnSender({ ...world.deps, senders }, ended(), world.source);
    expect(world.log.map(({ message }) => message)).toContain(
      'what is known of a sender could not be saved: others did at the same time',
    );
    expect(world.metrics.filter(({ name }) => name === 'SeriesMisjudged')).toEqual([]);
  });
});
