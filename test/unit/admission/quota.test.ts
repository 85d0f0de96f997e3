import { describe, expect, it, test } from 'vitest';
import {
  acquireSlot,
  quotaIdOf,
  releaseSlot,
  type SlotRequest,
  WAIT_QUEUE_LENGTH,
} from '../../../functions/admission/quota.ts';
import {
  NEW_SOURCE_STATE,
  type Slot,
  type SourceState,
  type Waiter,
} from '../../../functions/admission/source-state.ts';
import { addSeconds } from '../../../functions/shared/time.ts';

const NOW = '2026-03-01T11:00:00.000Z';
const at = (seconds: number) => addSeconds(NOW, seconds);
const slot = (id: string, more: Partial<Slot> = {}): Slot => ({ id, ticket: 1, until: at(1_200), ...more });
const place = (id: string, waitedSeconds: number, more: Partial<Waiter> = {}): Waiter => ({
  id,
  since: at(-waitedSeconds),
  until: at(1_800),
  ...more,
});
const quota = (more: Partial<SourceState>): SourceState => ({
  ...NEW_SOURCE_STATE,
  version: 3,
  day: '2026-03-01',
  ...more,
});
const request = (more: Partial<SlotRequest> = {}): SlotRequest => ({
  id: 'mine',
  ticket: 1,
  isUrgent: false,
  takesUnit: true,
  since: NOW,
  ...more,
});

describe('slots', () => {
  test.each([
    { name: 'the first', standing: NEW_SOURCE_STATE, expected: 'admitted' },
    { name: 'one is free', standing: quota({ slots: [slot('a')] }), expected: 'admitted' },
    { name: 'all are taken', standing: quota({ slots: [slot('a'), slot('b')] }), expected: 'concurrency' },
    {
      name: 'one has run out',
      standing: quota({ slots: [slot('a'), slot('b', { until: NOW })] }),
      expected: 'admitted',
    },
    {
      name: 'one was taken by a clock that is years ahead',
      standing: quota({ slots: [slot('a'), slot('b', { until: '2031-01-01T00:00:00.000Z' })] }),
      expected: 'admitted',
    },
    {
      name: 'its own among them',
      standing: quota({ slots: [slot('a'), slot('mine')] }),
      expected: 'admitted',
    },
    {
      name: 'its own has run out, and the others are taken',
      standing: quota({ slots: [slot('a'), slot('b'), slot('mine', { until: NOW })] }),
      expected: 'concurrency',
    },
    {
      name: 'urgent, and all are taken',
      standing: quota({ slots: [slot('a'), slot('b')] }),
      asked: { isUrgent: true },
      expected: 'admitted',
    },
    {
      name: 'an urgent one is over the limit',
      standing: quota({ slots: [slot('a'), slot('b'), slot('urgent')] }),
      expected: 'concurrency',
    },
  ])('$name: $expected', ({ standing, asked = {}, expected }) => {
    const answer = acquireSlot(standing, { maxConcurrentSeries: 2 }, request(asked), NOW);
    expect(answer.kind === 'admitted' ? answer.kind : answer.reason).toBe(expected);
    if (answer.kind === 'admitted') expect(answer.state.slots.map(({ id }) => id)).toContain('mine');
  });

  it('is a lease that outlives a run of Lambda, and is written once a run', () => {
    const { state: taken } = acquireSlot(NEW_SOURCE_STATE, { maxConcurrentSeries: 1 }, request(), NOW);
    expect(taken.slots).toEqual([{ id: 'mine', ticket: 1, until: at(1_200) }]);
    const again = acquireSlot(taken, { maxConcurrentSeries: 1 }, request(), at(60));
    expect(again).toEqual({ kind: 'admitted', state: taken });
    expect(again.state).toBe(taken);
    const late = acquireSlot(taken, { maxConcurrentSeries: 1 }, request(), at(300));
    expect(late.state.slots).toEqual([{ id: 'mine', ticket: 1, until: at(1_500) }]);
    const nextRun = acquireSlot(taken, { maxConcurrentSeries: 1 }, request({ ticket: 2 }), at(60));
    expect(nextRun.state.slots).toEqual([{ id: 'mine', ticket: 2, until: at(1_260) }]);
  });

  it('is released by the run that holds it, and not by a stale run', () => {
    const standing = quota({ slots: [slot('a'), slot('mine', { ticket: 5 })] });
    expect(releaseSlot(standing, 'mine', 5).slots).toEqual([slot('a')]);
    expect(releaseSlot(standing, 'mine', 4)).toBe(standing);
    expect(releaseSlot(standing, 'other', 5)).toBe(standing);
  });
});

describe('the wait queue', () => {
  const full = { slots: [slot('a')] };
  test.each([
    { name: 'free, and nobody waits', standing: quota({}), expected: 'admitted' },
    { name: 'free, but another one waits', standing: quota({ waitQueue: [place('x', 60)] }), expected: 1 },
    {
      name: 'free, and who waited is gone',
      standing: quota({ waitQueue: [place('x', 60, { until: NOW })] }),
      expected: 'admitted',
    },
    {
      name: 'free, and it waits itself behind another one',
      standing: quota({ waitQueue: [place('x', 60), place('mine', 30)] }),
      asked: { since: at(-30) },
      expected: 'admitted',
    },
    {
      name: 'free, and it has waited longer than who is in line',
      standing: quota({ waitQueue: [place('x', 60)] }),
      asked: { since: at(-90) },
      expected: 'admitted',
    },
    {
      name: 'taken: behind those that have waited longer',
      standing: quota({ ...full, waitQueue: [place('x', 60), place('y', 10)] }),
      asked: { since: at(-30) },
      expected: 1,
    },
  ])('$name: $expected', ({ standing, asked = {}, expected }) => {
    const answer = acquireSlot(standing, { maxConcurrentSeries: 1 }, request(asked), NOW);
    const shown =
      answer.kind === 'admitted' ? answer.kind : 'position' in answer ? answer.position : undefined;
    expect(shown).toBe(expected);
    const inLine = answer.state.waitQueue.some(({ id }) => id === 'mine');
    expect(inLine).toBe(answer.kind === 'held_back');
    const sinces = answer.state.waitQueue.map(({ since }) => since);
    expect(sinces).toEqual(sinces.toSorted());
  });

  it('writes nothing for a waiter, until it expires', () => {
    const standing = quota({ ...full, waitQueue: [place('mine', 60, { until: at(400) })] });
    const ask = (now: string) =>
      acquireSlot(standing, { maxConcurrentSeries: 1 }, request({ since: at(-60) }), now);
    expect(ask(at(100)).state).toBe(standing);
    expect(ask(at(300)).state.waitQueue).toEqual([place('mine', 60, { until: at(300 + 250) })]);
  });

  it.each([
    { name: 'one of the next', before: 8, expected: 'admitted' },
    { name: 'one far behind', before: 9, expected: 'held_back' },
    { name: 'one far behind those that are gone', before: 9, until: NOW, expected: 'admitted' },
  ])('admits $name: $expected', ({ before, until = at(250), expected }) => {
    const waitQueue = Array.from({ length: before }, (_, nth) => place(`p${nth}`, 1_000 - nth, { until }));
    const standing = quota({ waitQueue: [...waitQueue, place('mine', 60)] });
    const answer = acquireSlot(standing, { maxConcurrentSeries: 1 }, request({ since: at(-60) }), NOW);
    expect(answer.kind).toBe(expected);
  });

  it('holds the series that have waited longest; the others wait outside', () => {
    const waitQueue = Array.from({ length: WAIT_QUEUE_LENGTH }, (_, nth) => place(`p${nth}`, 1_000 - nth));
    const standing = quota({ ...full, waitQueue });
    const young = acquireSlot(standing, { maxConcurrentSeries: 1 }, request(), NOW);
    expect(young).toMatchObject({ position: WAIT_QUEUE_LENGTH });
    expect(young.state).toBe(standing);
    const old = acquireSlot(standing, { maxConcurrentSeries: 1 }, request({ since: at(-2_000) }), NOW);
    expect(old).toMatchObject({ position: 0 });
    expect(old.state.waitQueue).toHaveLength(WAIT_QUEUE_LENGTH);
    expect(old.state.waitQueue[0]?.id).toBe('mine');
    expect(old.state.waitQueue.some(({ id }) => id === `p${WAIT_QUEUE_LENGTH - 1}`)).toBe(false);
  });
});

describe('the budget of a day', () => {
  test.each([
    { name: 'a unit is left', standing: quota({ admitted: ['a'] }), expected: 'admitted', units: 2 },
    { name: 'none is left', standing: quota({ admitted: ['a', 'b'] }), expected: 'daily_budget', units: 2 },
    {
      name: 'this generation has taken its unit',
      standing: quota({ admitted: ['a', 'mine'] }),
      expected: 'admitted',
      units: 2,
    },
    {
      name: 'urgent, and none is left: it is counted all the same',
      standing: quota({ admitted: ['a', 'b'] }),
      asked: { isUrgent: true },
      expected: 'admitted',
      units: 3,
    },
    {
      name: 'nothing is computed anew',
      standing: quota({ admitted: ['a', 'b'] }),
      asked: { takesUnit: false },
      expected: 'admitted',
      units: 2,
    },
    {
      name: 'a new day',
      standing: quota({ day: '2026-02-28', admitted: ['a', 'b'] }),
      expected: 'admitted',
      units: 1,
    },
    {
      name: 'a clock that is ahead has begun the next day',
      standing: quota({ day: '2026-03-02', admitted: ['a', 'b'] }),
      expected: 'daily_budget',
      units: 2,
    },
    {
      name: 'a clock that was years ahead has left its day',
      standing: quota({ day: '2031-01-01', admitted: ['a', 'b'] }),
      expected: 'admitted',
      units: 1,
    },
  ])('$name: $expected', ({ standing, asked = {}, expected, units }) => {
    const answer = acquireSlot(standing, { dailyBudget: 2 }, request(asked), NOW);
    expect(answer.kind === 'admitted' ? answer.kind : answer.reason).toBe(expected);
    expect(answer.state.admitted).toHaveLength(units);
    if (asked.takesUnit === false) expect(answer.state).toBe(standing);
    expect(answer.state.slots).toEqual([]);
  });

  it('removes a series that waits for the next day, so that others do not wait behind it', () => {
    const standing = quota({ admitted: ['a'], waitQueue: [place('mine', 60), place('b', 30)] });
    const limits = { maxConcurrentSeries: 1, dailyBudget: 1 };
    const answer = acquireSlot(standing, limits, request({ since: at(-60) }), NOW);
    expect(answer).toMatchObject({ reason: 'daily_budget', dayEndsAt: '2026-03-02T00:00:00.000Z' });
    expect(answer.state.waitQueue.map(({ id }) => id)).toEqual(['b']);
    expect(acquireSlot(answer.state, limits, request(), NOW).state).toBe(answer.state);
  });

  it('is not spent by a series that waits for a slot', () => {
    const standing = quota({ slots: [slot('a')], admitted: ['a'] });
    const answer = acquireSlot(standing, { maxConcurrentSeries: 1, dailyBudget: 9 }, request(), NOW);
    expect(answer).toMatchObject({ reason: 'concurrency', state: { admitted: ['a'] } });
  });

  it('fits an item of DynamoDB, whatever is urgent', () => {
    const admitted = Array.from({ length: 25_000 }, (_, nth) => quotaIdOf(generation(nth)));
    const limits = { maxConcurrentSeries: 100, dailyBudget: 20_000 };
    // A run that throws keeps its slot for the lease, and a burst of urgent series may throw more often than it ends.
    let standing = quota({ admitted });
    for (let nth = 1; nth <= 1_000; nth += 1) {
      const urgent = request({
        id: quotaIdOf({ seriesInstanceUid: '1.9', generation: nth }),
        isUrgent: true,
      });
      const answer = acquireSlot(standing, limits, urgent, NOW);
      expect(answer.kind).toBe('admitted');
      standing = answer.state;
    }
    expect(standing.admitted).toHaveLength(25_000);
    // A map of three members with their names, ends of text and types.
    const slotBytes = standing.slots.reduce((sum, { id, until }) => sum + id.length + until.length + 40, 3);
    expect(acquireSlot(standing, limits, request({ takesUnit: false }), NOW)).toMatchObject({
      reason: 'concurrency',
    });
    // A list has one byte for each of its entries beside their text. Source: DynamoDB developer guide, "Item sizes and formats".
    const listBytes = admitted.reduce((sum, id) => sum + id.length + 1, 3);
    expect(listBytes + WAIT_QUEUE_LENGTH * 100 + slotBytes).toBeLessThan(400 * 1024);
  });
});

it('counts nothing for a source without limits', () => {
  const standing = quota({ slots: [slot('a')], admitted: ['a'] });
  expect(acquireSlot(standing, {}, request(), NOW).state).toBe(standing);
});

it('has another id for each generation of a series', () => {
  const names = [generation(1), generation(2), { ...generation(1), seriesInstanceUid: '1.2.30' }];
  expect(new Set(names.map(quotaIdOf)).size).toBe(3);
  expect(quotaIdOf(generation(1))).toMatch(/^[\w-]{12}$/);
});

function generation(number: number) {
  return { seriesInstanceUid: '1.2.3', generation: number };
}
