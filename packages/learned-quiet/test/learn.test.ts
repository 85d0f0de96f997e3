import { describe, expect, it } from 'vitest';
import { type Arrival, distrust, learn, newSender, type SenderHistory } from '../src/index.ts';
import { AXIAL, knownBy, LIMITS, learnTimes, slices } from './known-sender.ts';

const FAST = slices(20);

function learnOnce(arrivals: readonly Arrival[], history: SenderHistory = newSender(), modality = 'CT') {
  return learn(history, arrivals, LIMITS, modality);
}

/** How many silences of each length a sender has, without the lengths that it has none of. */
function countsOf({ few, many }: SenderHistory) {
  const counted = (longest: number[]) => Object.fromEntries(Object.entries(longest).filter(([, n]) => n > 0));
  return { few: counted(few.longest), many: counted(many.longest) };
}

describe('the longest silence of a series', () => {
  it.each([
    ['none', slices(20), { few: { 0: 1 }, many: { 0: 1 } }],
    ['of one instance', slices(1), { few: { 0: 1 }, many: {} }],
    ['of two instances', slices(2, { pauses: { 1: 8 } }), { few: { 10: 1 }, many: {} }],
    ['after a localizer', slices(20, { pauses: { 2: 30 } }), { few: { 16: 1 }, many: { 0: 1 } }],
    ['between slices', slices(20, { pauses: { 3: 8 } }), { few: { 0: 1 }, many: { 10: 1 } }],
    ['of several', slices(20, { pauses: { 3: 8, 5: 30, 9: 2 } }), { few: { 0: 1 }, many: { 16: 1 } }],
    ['of exactly a second', slices(20, { pauses: { 5: 1 } }), { few: { 0: 1 }, many: { 0: 1 } }],
    ['a day long', slices(20, { pauses: { 5: 86_400 } }), { few: { 0: 1 }, many: { 31: 1 } }],
  ])('%s', (_title, arrivals, counts) => {
    expect(countsOf(learnOnce(arrivals).history)).toEqual(counts);
  });

  it('counts a wrong guess also after it has brought distrust', () => {
    const pause = slices(20, { pauses: { 7: 20 } });
    const known = knownBy({ 0: 150 });
    expect(learn(known, pause, LIMITS, 'CT').hindsight.wasPremature).toBe(true);
    expect(learn(distrust(known), pause, LIMITS, 'CT').hindsight.wasPremature).toBe(true);
  });

  it('does not count while a hole shows that something lacks', () => {
    const arrivals = slices(20, { pauses: { 10: 100 }, headers: (at) => ({ number: at === 15 ? 5 : at }) });
    const late = arrivals.map((arrival, at) => (at === 5 ? { ...arrival, number: 15 } : arrival));
    expect(countsOf(learnOnce(late).history).many).toEqual({ 0: 1 });
    const unheard = { ...newSender(), numbers: { clean: 10, holed: 10 } };
    expect(countsOf(learnOnce(late, unheard).history).many).toEqual({ 21: 1 });
  });

  it('does not count while a trusted claim is open', () => {
    const arrivals = slices(20, { pauses: { 10: 100 }, headers: () => ({ expected: 20 }) });
    const trusting = { ...newSender(), claims: { right: 30, wasWrong: false } };
    expect(countsOf(learnOnce(arrivals, trusting).history).many).toEqual({ 0: 1 });
    expect(countsOf(learnOnce(arrivals).history).many).toEqual({ 21: 1 });
  });

  it('is not the one that a repeated instance ends, nor is a guess before that wrong', () => {
    const again = { atMs: 200_000, sopInstanceUid: '1.3' };
    const known = knownBy({ 0: 1_000 });
    expect(learnOnce([...FAST, again], known).hindsight.wasPremature).toBe(false);
    expect(countsOf(learnOnce([...FAST, again]).history).many).toEqual({ 0: 1 });
  });

  it('begins anew with a repeated instance', () => {
    const again = { atMs: 52_000, sopInstanceUid: '1.3' };
    const last = { atMs: 102_000, sopInstanceUid: '1.20' };
    expect(countsOf(learnOnce([...FAST, again, last]).history).many).toEqual({ 18: 1 });
  });
});

describe('in hindsight', () => {
  it('a guess was wrong where the silence was longer than the wait', () => {
    const known = knownBy({ 0: 1_000 });
    const of = (seconds: number) => learnOnce(slices(20, { pauses: { 9: seconds } }), known).hindsight;
    expect(of(2.9).wasPremature).toBe(false);
    expect(of(3.1).wasPremature).toBe(true);
  });

  it('a new sender would have waited for the quiet period', () => {
    expect(learnOnce(slices(20, { pauses: { 9: 59 } })).hindsight.wasPremature).toBe(false);
    expect(learnOnce(slices(20, { pauses: { 9: 61 } })).hindsight.wasPremature).toBe(true);
  });

  it('the wait after the last arrival is told', () => {
    expect(learnOnce(FAST).hindsight.waitSeconds).toBe(60);
    expect(learnOnce(FAST, knownBy({ 0: 1_000 })).hindsight.waitSeconds).toBe(3);
  });
});

describe('headers', () => {
  it.each([
    ['a right claim', slices(20, { headers: () => ({ expected: 20 }) }), { right: 8, wasWrong: false }],
    ['a wrong claim', slices(20, { headers: () => ({ expected: 19 }) }), { right: 0, wasWrong: true }],
    ['no claim', slices(20), { right: 7, wasWrong: false }],
    ['a claim of two', slices(2, { headers: () => ({ expected: 9 }) }), { right: 7, wasWrong: false }],
  ])('%s', (_title, arrivals, claims) => {
    const known = { ...newSender(), claims: { right: 7, wasWrong: false } };
    expect(learnOnce(arrivals, known).history.claims).toEqual(claims);
  });

  it('of whole series with holes are counted apart, of more than two instances', () => {
    const holed = slices(9, {
      headers: (at) => ({ number: 2 * at, positionMm: [0, 0, at ** 2], orientation: AXIAL }),
    });
    const { numbers, positions } = learnTimes(learnTimes(newSender(), 3, holed), 2, FAST);
    expect([numbers, positions]).toEqual(Array(2).fill({ clean: 2, holed: 3 }));
    expect(learnOnce(holed.slice(0, 2)).history.numbers).toEqual({ clean: 0, holed: 0 });
  });

  it('that become clean are heard again after some hundred series', () => {
    const dirty = { ...newSender(), numbers: { clean: 300, holed: 190 } };
    const holesOf = (times: number) => learnTimes(dirty, times, FAST).numbers;
    expect(holesOf(100).holed / holesOf(100).clean).toBeGreaterThan(0.06);
    expect(holesOf(1_500).holed / holesOf(1_500).clean).toBeLessThan(0.05);
  });
});

describe('what is known of a sender', () => {
  it('is not changed by learning: another is answered', () => {
    const known = Object.freeze(newSender());
    learnOnce(FAST, known);
    expect(known).toEqual(newSender());
  });

  it('is plain data, and stays small whatever is learned', () => {
    let known = newSender();
    for (let nth = 0; nth < 5_000; nth += 1) {
      const pauses = { [nth % 3]: 1.25 ** (nth % 40), 4: 1.25 ** ((7 * nth) % 45) };
      const headers = () => ({ number: nth ** 3, expected: nth });
      known = learnOnce(slices(1 + (nth % 6), { pauses, headers }), known).history;
    }
    expect(JSON.parse(JSON.stringify(known))).toEqual(known);
    expect(JSON.stringify(known).length).toBeLessThan(700);
    for (const { series, longest } of [known.few, known.many]) {
      expect(series).toBeLessThanOrEqual(500);
      expect(longest.reduce((sum, count) => sum + count)).toBeCloseTo(series);
    }
  });

  it('is halved with the series after 500, also what was once', () => {
    const full = knownBy({ 0: 374, 8: 125, 30: 1 });
    expect(full.many.series).toBe(500);
    const { many } = learnOnce(FAST, full).history;
    expect(many.series).toBe(250.5);
    expect(many.longest.filter((count) => count > 0)).toEqual([187.5, 62.5, 0.5]);
  });

  it('is brought to as few where it was more', () => {
    const { many } = learnTimes({ ...newSender(), many: { series: 2_000, longest: [2_000] } }, 3, FAST);
    expect(many.series).toBeLessThan(300);
  });

  it('forgets how it was after some thousand series', () => {
    const later = learnTimes(knownBy({ 8: 500 }), 2_500, slices(3));
    expect((later.many.longest[10] ?? 0) / later.many.series).toBeLessThan(1 / 200);
  });

  it('of pauses of minutes that are no more, brings the quiet period back within a thousand series', () => {
    const waitOf = (known: SenderHistory) => learnOnce(FAST, known).hindsight.waitSeconds;
    const phases = knownBy({ 0: 350, 150: 150 });
    expect(waitOf(phases)).toBeGreaterThan(180);
    expect(waitOf(learnTimes(phases, 1_000, FAST))).toBe(60);
  });

  it('of a thousand series that did not pause, does not hide that some do now', () => {
    const pausing = slices(20, { pauses: { 10: 30 } });
    let known = learnTimes(newSender(), 1_000, FAST);
    known = learnTimes(known, 3, pausing);
    expect(learnOnce(FAST, { ...known, distrusted: 0 }).hindsight.waitSeconds).toBe(60);
  });
});

describe('hostile arrivals', () => {
  it.each<[string, Partial<Arrival>[]]>([
    [
      'numbers that are none',
      [{ number: Number.NaN }, { number: 1.5 }, { number: Number.POSITIVE_INFINITY }],
    ],
    ['huge numbers', [{ number: -(2 ** 53) + 1 }, { number: 2 ** 53 - 1 }, { number: 1e300 }]],
    ['counts that are none', [{ expected: -1 }, { expected: 1e300 }, { expected: Number.NaN }]],
    [
      'positions that are none',
      [
        { positionMm: [] },
        { positionMm: [1, 2] },
        { positionMm: [1, 2, 3, 4] },
        { positionMm: [1e308, Number.NaN, 1e308] },
      ],
    ],
    [
      'planes that are none',
      [
        { orientation: [] },
        { orientation: [0, 0, 0, 0, 0, 0] },
        { orientation: Array(6).fill(Number.NaN) },
        { orientation: Array(7).fill(1) },
      ],
    ],
  ])('%s are learned from', (_title, headers) => {
    const arrivals = slices(24, {
      headers: (at) => ({ positionMm: [0, 0, at], orientation: AXIAL, ...headers[at % headers.length] }),
    });
    const { history, hindsight } = learnOnce(arrivals, knownBy({ 0: 100 }));
    expect(JSON.parse(JSON.stringify(history))).toEqual(history);
    expect([3, 600]).toContain(hindsight.waitSeconds);
    expect(history.many.series).toBe(101);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e308])('a position of %d makes no hole', (place) => {
    const arrivals = slices(24, {
      headers: (at) => ({ positionMm: [0, 0, at === 7 ? place * 10 : at], orientation: AXIAL }),
    });
    expect(learnOnce(arrivals).history.positions).toEqual({ clean: 1, holed: 0 });
  });

  it('of several planes have no place between them', () => {
    const headersOf = (plane: number[]) => (at: number) => ({
      positionMm: [0, 0, at ** 2],
      orientation: at === 7 ? plane : AXIAL,
    });
    const holesOf = (plane: number[]) =>
      learnOnce(slices(24, { headers: headersOf(plane) })).history.positions.holed;
    expect([holesOf(AXIAL), holesOf([1, 0, 0, 0, 0, -1])]).toEqual([1, 0]);
  });

  it('a million instances are learned in the order of their numbers', () => {
    const count = 1_000_000;
    const arrivals = Array.from({ length: count }, (_, at) => ({
      atMs: count - at,
      sopInstanceUid: `1.${at}`,
      number: at,
    }));
    expect(learnOnce(arrivals).history.numbers).toEqual({ clean: 1, holed: 0 });
  });

  it('of one moment have no silence', () => {
    const arrivals = slices(20).map((arrival) => ({ ...arrival, atMs: 5 }));
    expect(countsOf(learnOnce(arrivals).history)).toEqual({ few: { 0: 1 }, many: { 0: 1 } });
  });

  it('of a series of none are learned as a series of one', () => {
    expect(learnOnce([]).hindsight).toEqual({ wasPremature: false, waitSeconds: 60 });
  });
});
