import { describe, expect, test } from 'vitest';
import type { DeadLetterBox } from '../../../../functions/recovery/dead-letters/dead-letter.ts';
import {
  type DeadLetterWalk,
  peekDeadLetters,
  type RedriveRequest,
  redriveDeadLetters,
} from '../../../../functions/recovery/dead-letters/dead-letter-walk.ts';
import { newWorld } from '../../../support/world/new-world.ts';
import { START } from '../../../support/world/world.ts';

/** 25 letters: 15 of ingest, of which 5 were throttled, and 10 of compute. */
function filled() {
  const { clock, deadLetters: rows } = newWorld();
  for (let at = 0; at < 15; at += 1) rows.put('ingest', `i${at}`, at % 3 === 0 ? { cause: 'throttled' } : {});
  for (let at = 0; at < 10; at += 1) rows.put('compute', `c${at}`, { cause: 'unknown_source' });
  const walk: DeadLetterWalk = { clock: clock.now, endsAtMs: clock.now().getTime() + 10_000 };
  return { clock, rows, walk };
}

/** Of each stage, hidden ones too. */
const left = (box: DeadLetterBox) => Promise.all(box.stages.map((stage) => box.estimate(stage)));

const refusing = (box: DeadLetterBox, bodies: readonly string[]): DeadLetterBox => ({
  ...box,
  redrive: (stage, letters) =>
    box.redrive(
      stage,
      letters.filter(({ body }) => !bodies.includes(body)),
    ),
});

/** Each receive takes so long. */
function slowed(
  { rows, clock }: Pick<ReturnType<typeof filled>, 'rows' | 'clock'>,
  seconds: number,
): DeadLetterBox {
  return {
    ...rows.box,
    receive(stage, hiddenSeconds) {
      clock.advance(seconds);
      return rows.box.receive(stage, hiddenSeconds);
    },
  };
}

const request = (more: Partial<RedriveRequest> = {}): RedriveRequest => ({
  limit: 1000,
  before: START,
  ...more,
});

describe('peeking', () => {
  test('returns every letter and leaves all visible', async () => {
    const { rows, walk } = filled();
    const { letters, isComplete } = await peekDeadLetters(rows.box, {}, walk);
    expect(letters).toHaveLength(25);
    expect(isComplete).toBe(true);
    expect(rows.visible).toBe(25);
  });

  test.each([
    { name: 'a stage', filter: { stage: 'compute' }, found: 10 },
    { name: 'a cause', filter: { cause: 'throttled' as const }, found: 5 },
    { name: 'both', filter: { stage: 'compute', cause: 'throttled' as const }, found: 0 },
  ])('filters by $name', async ({ filter, found }) => {
    const { rows, walk } = filled();
    expect((await peekDeadLetters(rows.box, filter, walk)).letters).toHaveLength(found);
    expect(rows.visible).toBe(25);
  });

  test('ends after its time, and reports that it is incomplete', async () => {
    const { rows, walk, clock } = filled();
    const slow = slowed({ rows, clock }, 6);
    const { letters, isComplete } = await peekDeadLetters(slow, { stage: 'ingest' }, walk);
    expect(letters).toHaveLength(15);
    expect(isComplete).toBe(false);
    expect(rows.visible).toBe(25);
  });

  test('releases the received letters after a failure', async () => {
    const { rows, walk } = filled();
    let calls = 0;
    const broken = {
      ...rows.box,
      receive: async (stage: string, seconds: number) => {
        calls += 1;
        if (calls === 2) throw new Error('down');
        return rows.box.receive(stage, seconds);
      },
    };
    await expect(peekDeadLetters(broken, { stage: 'ingest' }, walk)).rejects.toThrow('down');
    expect(rows.visible).toBe(25);
  });
});

describe('redriving', () => {
  test('redrives every letter', async () => {
    const { rows, walk } = filled();
    expect(await redriveDeadLetters(rows.box, request(), walk)).toEqual({
      moved: 25,
      refused: 0,
      isComplete: true,
    });
    expect(await left(rows.box)).toEqual([0, 0, 0, 0]);
    expect(rows.redriven).toHaveLength(25);
    expect(rows.redriven).toContainEqual({ stage: 'compute', body: 'c9' });
  });

  test('redrives the letters of one cause, and releases the others at once', async () => {
    const { rows, walk } = filled();
    const outcome = await redriveDeadLetters(rows.box, request({ cause: 'throttled' }), walk);
    expect(outcome).toEqual({ moved: 5, refused: 0, isComplete: true });
    expect(rows.redriven.map(({ body }) => body).sort()).toEqual(['i0', 'i12', 'i3', 'i6', 'i9']);
    expect(rows.visible).toBe(20);
  });

  test('redrives at most the limit over all stages together', async () => {
    const { rows, walk } = filled();
    const outcome = await redriveDeadLetters(rows.box, request({ limit: 7 }), walk);
    expect(outcome).toEqual({ moved: 7, refused: 0, isComplete: false });
    expect(rows.redriven).toHaveLength(7);
    expect(rows.visible).toBe(18);
  });

  test('keeps letters that the queue does not accept', async () => {
    const { rows, walk } = filled();
    const outcome = await redriveDeadLetters(refusing(rows.box, ['i4', 'c0']), request(), walk);
    expect(outcome).toEqual({ moved: 23, refused: 2, isComplete: false });
    expect((await rows.all()).map(({ body }) => body)).toEqual(['i4', 'c0']);
    expect(rows.visible).toBe(2);
  });

  test('repeats messages and loses none after a crash between sending and deletion', async () => {
    const { rows, walk, clock } = filled();
    const dying = { ...rows.box, remove: async () => Promise.reject(new Error('died')) };
    await expect(redriveDeadLetters(dying, request({ stage: 'compute' }), walk)).rejects.toThrow('died');
    clock.advance(60);
    const later = { clock: clock.now, endsAtMs: clock.now().getTime() + 10_000 };
    expect(await redriveDeadLetters(rows.box, request({ stage: 'compute' }), later)).toMatchObject({
      moved: 10,
    });
    expect(rows.redriven).toHaveLength(20);
    expect(await left(rows.box)).toEqual([15, 0, 0, 0]);
  });

  test('releases everything if the sending fails as a whole', async () => {
    const { rows, walk } = filled();
    const broken = { ...rows.box, redrive: async () => Promise.reject(new Error('down')) };
    await expect(redriveDeadLetters(broken, request({ stage: 'compute' }), walk)).rejects.toThrow('down');
    expect(rows.visible).toBe(25);
  });

  test('does not redrive a message again that fails at once', async () => {
    const { rows, walk, clock } = filled();
    const bouncing = {
      ...rows.box,
      redrive: async (stage: string, letters: Parameters<typeof rows.box.redrive>[1]) => {
        clock.advance(0.001);
        for (const { body } of letters) rows.put(stage, body, { cause: 'malformed_message' });
        return rows.box.redrive(stage, letters);
      },
    };
    expect(await redriveDeadLetters(bouncing, request({ stage: 'compute' }), walk)).toMatchObject({
      moved: 10,
      isComplete: true,
    });
    expect(await left(rows.box)).toEqual([15, 0, 10, 0]);
    expect(rows.visible).toBe(25);
  });

  test('ends after its time', async () => {
    const { rows, clock, walk } = filled();
    const slow = slowed({ rows, clock }, 11);
    const outcome = await redriveDeadLetters(slow, request({ stage: 'ingest' }), walk);
    expect(outcome).toEqual({ moved: 10, refused: 0, isComplete: false });
    expect(rows.visible).toBe(15);
  });
});
