import { describe, expect, it } from 'vitest';
import {
  type Arrival,
  ArrivedSeries,
  distrust,
  judgeSilence,
  newSender,
  type SenderHistory,
} from '../src/index.ts';
import { AXIAL, arrivedOf, knownBy, LIMITS, learnTimes, slices } from './known-sender.ts';

const FAST = slices(20);

function judge(history: SenderHistory, arrivals: readonly Arrival[] = FAST, modality = 'CT') {
  return judgeSilence(arrivedOf(arrivals), history, LIMITS, modality);
}

describe('a sender that is new', () => {
  it.each([0, 1, 19])('is given the whole quiet period after %i series', (series) => {
    expect(judge(learnTimes(newSender(), series, FAST))).toMatchObject({ seconds: 60, reason: 'new_sender' });
  });

  it('is given it whatever its headers say', () => {
    const holed = slices(20, { headers: (at) => ({ number: at * 2 }) });
    expect(judge(knownBy({ 0: 19 }), holed)).toMatchObject({ seconds: 60, reason: 'new_sender' });
  });

  it.each([
    ['CT', 19, 'new_sender', 60],
    ['CT', 20, 'few', 60],
    ['MR', 1_000, 'few', 60],
    ['DX', 19, 'new_sender', 60],
    ['DX', 20, 'learned', 10],
    ['DX', 99, 'learned', 3],
  ])('%s of two instances after %i series: %s', (modality, series, reason, seconds) => {
    expect(judge(knownBy({ 0: series }), slices(2), modality)).toMatchObject({ seconds, reason });
  });

  it('is judged by the series that had more than two instances, once this one has', () => {
    const history = { ...knownBy({ 0: 500 }), many: newSender().many };
    expect(judge(history, slices(3))).toMatchObject({ reason: 'new_sender' });
    expect(judge(history, slices(2), 'DX')).toMatchObject({ reason: 'learned' });
  });
});

describe('a sender that is known', () => {
  it.each([
    [20, 10],
    [50, 4],
    [66, 200 / 66],
    [100, 3],
    [1_000, 3],
  ])('that never paused, after %i series: %d s, at least the floor', (series, seconds) => {
    const { seconds: got, reason } = judge(knownBy({ 0: series }));
    expect(reason).toBe('learned');
    expect(got).toBeCloseTo(seconds);
  });

  it('that paused for 8 s: twice that from 100 series on, and the whole quiet period after 20', () => {
    const edge = 1.25 ** 10;
    expect(edge).toBeGreaterThan(8);
    expect(judge(knownBy({ 0: 99, 8: 1 })).seconds).toBeCloseTo(2 * edge);
    expect(judge(knownBy({ 0: 19, 8: 1 }))).toMatchObject({ seconds: 60, reason: 'learned' });
  });

  it('one in 200 of its series may be silent for longer, and no more', () => {
    expect(judge(knownBy({ 0: 199, 8: 1 })).seconds).toBe(3);
    expect(judge(knownBy({ 0: 198, 8: 1 })).seconds).toBeGreaterThan(18);
    expect(judge(knownBy({ 0: 198, 8: 2 })).seconds).toBeGreaterThan(18);
  });

  it.each([
    [0.5, 3],
    [2, 8],
    [14, 56],
    [20, 60],
  ])('is given four times a gap of %d s of the series itself, if it is usual: %d s', (gap, seconds) => {
    expect(judge(knownBy({ [gap]: 100 }), slices(20, { pauses: { 7: gap } }))).toMatchObject({
      seconds,
      reason: 'learned',
    });
  });

  it.each([
    ['of a second', { 7: 1 }, 4],
    ['of more', { 7: 1.1 }, 60],
    ['after two slices, which is no pause between slices', { 2: 5 }, 20],
  ])('that never paused, after a gap %s', (_title, pauses, seconds) => {
    expect(judge(knownBy({ 0: 500 }), slices(20, { pauses }))).toMatchObject({ seconds, reason: 'learned' });
  });

  it('that never paused, after a gap between two X-rays: the quiet period', () => {
    const two = arrivedOf(slices(2, { pauses: { 1: 1.1 } }));
    expect(judgeSilence(two, knownBy({ 0: 500 }), LIMITS, 'DX').seconds).toBe(60);
  });
});

describe('a sender whose series often pause', () => {
  it.each([
    ['2 of 100 for 100 s: not often', { 0: 98, 100: 2 }, 60],
    ['3 of 100 for 100 s', { 0: 97, 100: 3 }, 1.25 * 1.25 ** 21],
    ['3 of 100 for 50 s, which is near', { 0: 97, 50: 3 }, 1.25 * 1.25 ** 18],
    ['3 of 100 for 30 s', { 0: 97, 30: 3 }, 60],
    ['3 of 100 for longer than may be waited for', { 0: 97, 900: 3 }, 600],
    ['1 of 9: too few to say', { 0: 8, 100: 1 }, 60],
    ['1 of 10', { 0: 9, 100: 1 }, 1.25 * 1.25 ** 21],
    ['3 % for 100 s and one in 500 for 500 s', { 0: 484, 100: 15, 500: 1 }, 1.25 * 1.25 ** 21],
  ])('%s', (_title, longest, seconds) => {
    // Distrust gives the whole quiet period of this sender.
    expect(judge(distrust(knownBy(longest))).seconds).toBeCloseTo(seconds);
  });

  it('is not given less than the quiet period where that is longer than the patience', () => {
    const limits = { ...LIMITS, longestSeconds: 30 };
    const wait = judgeSilence(arrivedOf(FAST), distrust(knownBy({ 100: 50 })), limits, 'CT');
    expect(wait.seconds).toBe(60);
  });
});

describe('a sender of which a guess was wrong', () => {
  const tooLate = slices(20, { pauses: { 10: 50 } });

  it('is given the whole quiet period for the next 20 series', () => {
    const wrong = learnTimes(knownBy({ 0: 1_000 }), 1, tooLate);
    expect(judge(wrong)).toMatchObject({ seconds: 60, reason: 'distrusted' });
    expect(judge(learnTimes(wrong, 19, FAST))).toMatchObject({ seconds: 60, reason: 'distrusted' });
    expect(judge(learnTimes(wrong, 20, FAST))).toMatchObject({ seconds: 3, reason: 'learned' });
  });

  it('three times of the last 500 is given it until that is past', () => {
    const tooLateForAny = slices(20, { pauses: { 10: 100 } });
    let history = knownBy({ 0: 500 });
    for (let nth = 0; nth < 2; nth += 1)
      history = learnTimes(learnTimes(history, 1, tooLateForAny), 20, FAST);
    expect(judge(history).reason).toBe('learned');
    history = learnTimes(learnTimes(history, 1, tooLateForAny), 20, FAST);
    expect(judge(history)).toMatchObject({ seconds: 60, reason: 'often_wrong' });
    expect(judge(learnTimes(history, 500, FAST)).reason).toBe('learned');
  });
});

describe('a hole', () => {
  const numbered = (hole: number) => slices(20, { headers: (at) => ({ number: at + (at >= hole ? 2 : 1) }) });
  const placed = (hole: number) =>
    slices(20, {
      headers: (at) => ({ positionMm: [0, 0, 2.5 * (at + (at >= hole ? 1 : 0))], orientation: AXIAL }),
    });

  it.each([
    ['of numbers', numbered(9)],
    ['of positions', placed(9)],
  ])('%s is waited for: 120 s until 50 series are known, then as long as it may be', (_title, arrivals) => {
    expect(judge(knownBy({ 0: 20 }), arrivals)).toMatchObject({ seconds: 120, reason: 'hole' });
    expect(judge(knownBy({ 0: 49 }), arrivals)).toMatchObject({ seconds: 120, reason: 'hole' });
    expect(judge(knownBy({ 0: 50 }), arrivals)).toMatchObject({ seconds: 600, reason: 'hole' });
  });

  it.each([
    ['of numbers', numbered(20)],
    ['of positions', placed(20)],
    ['of numbers that one lacks', slices(20, { headers: (at) => (at === 7 ? {} : { number: at }) })],
    [
      'of positions that one lacks',
      placed(9).map(({ positionMm, ...rest }, at) =>
        at === 15 ? rest : { ...rest, positionMm: positionMm ?? [] },
      ),
    ],
  ])('without one %s, nothing is waited for', (_title, arrivals) => {
    expect(judge(knownBy({ 0: 100 }), arrivals)).toMatchObject({ seconds: 3, reason: 'learned' });
  });

  it('is none where some slices are nearer to each other than most', () => {
    const uneven = slices(20, {
      headers: (at) => ({ positionMm: [0, 0, 2 * at - (at % 5 === 0 ? 1 : 0)], orientation: AXIAL }),
    });
    expect(judge(knownBy({ 0: 100 }), uneven).reason).toBe('learned');
  });

  it('of positions is seen in any order of the slices, also where it was looked for before', () => {
    const inOrder = placed(9);
    const shuffled = inOrder.toSorted((a, b) => ((a.atMs * 7) % 2_000) - ((b.atMs * 7) % 2_000));
    const arrived = new ArrivedSeries();
    const seen = shuffled.map((arrival, at) => {
      arrived.add(arrival);
      expect(arrived.hasPositionHole).toBe(arrivedOf(shuffled.slice(0, at + 1)).hasPositionHole);
      return arrived.hasPositionHole;
    });
    expect(new Set(seen)).toEqual(new Set([false, true]));
  });

  it('is waited for no shorter than this sender needs without one', () => {
    const limits = { ...LIMITS, holdSeconds: 30 };
    expect(judgeSilence(arrivedOf(numbered(9)), knownBy({ 0: 100 }), limits, 'CT').seconds).toBe(60);
  });

  it('is waited for after a wrong guess too', () => {
    expect(judge(distrust(knownBy({ 0: 100 })), numbered(9)).reason).toBe('hole');
  });

  it.each([
    ['4 of 100', { clean: 96, holed: 4 }, 'hole'],
    ['6 of 100', { clean: 94, holed: 6 }, 'learned'],
  ])('says something where %s whole series have one: %o: %s', (_title, dirt, reason) => {
    expect(judge(knownBy({ 0: 100 }, { numbers: dirt }), numbered(9)).reason).toBe(reason);
    expect(judge(knownBy({ 0: 100 }, { positions: dirt }), placed(9)).reason).toBe(reason);
  });

  it.each([
    ['numbers', numbered(9)],
    ['two pitches', placed(9)],
  ])(
    'is not heard any more after six series, from a known sender whose %s have one from now on',
    (_title, arrivals) => {
      const known = knownBy(
        { 0: 500 },
        { numbers: { clean: 99, holed: 0 }, positions: { clean: 99, holed: 0 } },
      );
      expect(judge(learnTimes(known, 2, arrivals), arrivals).reason).toBe('hole');
      expect(judge(learnTimes(known, 6, arrivals), arrivals).reason).toBe('learned');
    },
  );

  it.each([
    ['numbers', numbered(9)],
    ['two pitches', placed(9)],
  ])('is not heard from a sender whose %s always have one', (_title, arrivals) => {
    const history = learnTimes(newSender(), 100, arrivals);
    expect(judge(history, arrivals)).toMatchObject({ seconds: 3, reason: 'learned' });
  });
});

describe('a count that the headers claim', () => {
  const claimed = (count: number, claim: number) => slices(count, { headers: () => ({ expected: claim }) });
  const trusted = knownBy({ 0: 100 }, { claims: { right: 30, wasWrong: false } });

  it('decides after 30 right ones in a row', () => {
    const before = learnTimes(newSender(), 29, claimed(20, 20));
    expect(judge(before, claimed(20, 20)).reason).toBe('learned');
    expect(judge(learnTimes(before, 1, claimed(15, 15)), claimed(20, 20))).toMatchObject({
      seconds: 3,
      reason: 'claim',
    });
  });

  it('is waited for while instances lack', () => {
    expect(judge(trusted, claimed(19, 20))).toMatchObject({ seconds: 600, reason: 'claim_open' });
    expect(judge(trusted, claimed(1, 20))).toMatchObject({ seconds: 600, reason: 'claim_open' });
  });

  it('is waited for no longer where it was not trusted', () => {
    const history = knownBy({ 0: 100 }, { claims: { right: 29, wasWrong: false } });
    expect(judge(history, claimed(19, 20)).reason).toBe('learned');
  });

  it.each([
    ['of two instances', claimed(2, 2), 60],
    ['of one instance', claimed(1, 1), 60],
    ['that is exceeded', claimed(21, 20), 3],
    ['that differs between instances', slices(20, { headers: (at) => ({ expected: 20 + (at % 2) }) }), 3],
    ['that one instance lacks', slices(20, { headers: (at) => (at === 7 ? {} : { expected: 20 }) }), 3],
    ['of zero', claimed(20, 0), 3],
    ['that is no number', claimed(20, Number.NaN), 3],
  ])('%s decides nothing', (_title, arrivals, seconds) => {
    const history = { ...trusted, few: knownBy({ 0: 50 }).few };
    expect(judge(history, arrivals)).toMatchObject({ seconds });
  });

  it('is not trusted after a lie, until 300 right ones in a row', () => {
    const lied = learnTimes(trusted, 1, claimed(20, 21));
    expect(lied.claims).toMatchObject({ right: 0, wasWrong: true });
    const later = learnTimes(lied, 299, claimed(20, 20));
    expect(judge(later, claimed(20, 20)).reason).toBe('learned');
    expect(judge(learnTimes(later, 1, claimed(20, 20)), claimed(20, 20)).reason).toBe('claim');
  });

  it('is not trusted soon after a wrong guess', () => {
    expect(judge(distrust(trusted), claimed(20, 20)).reason).toBe('distrusted');
  });
});
