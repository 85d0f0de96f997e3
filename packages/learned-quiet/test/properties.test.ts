import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Arrival, learn, learnedQuiet, replay, type TracedArrival } from '../src/index.ts';
import { AXIAL, knownBy, LIMITS } from './known-sender.ts';

const CORONAL = [1, 0, 0, 0, 0, -1];

/** Headers of an instance: the same whenever it comes. */
const headers = fc.record({
  number: fc.option(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.double()), { nil: undefined }),
  positionMm: fc.option(fc.array(fc.oneof(fc.integer({ min: 0, max: 20 }), fc.double()), { maxLength: 4 }), {
    nil: undefined,
  }),
  orientation: fc.constantFrom(undefined, AXIAL, AXIAL, AXIAL, CORONAL, [1, 0]),
  expected: fc.constantFrom(undefined, 3, 6, 6, 0, Number.NaN),
});

/** Milliseconds after the arrival before. */
const CALM = [0, 0, 100, 100, 900, 1_000];
const WILD = [...CALM, 1_001, 4_000, 11_000, 59_999, 60_001, 200_000];

/** Some instances of one series, some of them repeated. */
const arrivalsAfter = (gaps: readonly number[]) =>
  fc
    .tuple(
      fc.array(headers, { minLength: 1, maxLength: 12 }),
      fc.array(fc.tuple(fc.nat(), fc.constantFrom(...gaps)), { minLength: 1, maxLength: 20 }),
    )
    .map(([instances, events]) => {
      let atMs = 0;
      return events.map(([which, ms], nth): Arrival => {
        atMs += ms;
        const at = nth < instances.length ? nth : which % instances.length;
        const known = Object.entries(instances[at] ?? {}).filter(([, value]) => value !== undefined);
        return { atMs, sopInstanceUid: `${at}`, ...Object.fromEntries(known) };
      });
    });
const arrivals = arrivalsAfter(WILD);

const seriesAfter = (gaps: readonly number[], pauses: readonly number[]) =>
  fc.record({
    own: arrivalsAfter(gaps),
    pause: fc.constantFrom(...pauses),
    sender: fc.constantFrom('a', 'a', 'b'),
  });

/** Series of two senders: calm ones that have ended before the next, so that senders become known, then any. */
const trace = fc
  .tuple(
    fc.array(seriesAfter(CALM, [1_000_000]), { minLength: 40, maxLength: 60, size: 'max' }),
    fc.array(seriesAfter(WILD, [0, 1_000, 60_000, 1_000_000]), { maxLength: 30, size: 'max' }),
  )
  .map(([calm, wild]) => {
    let begin = 0;
    return [...calm, ...wild].flatMap(({ own, pause, sender }, nth) => {
      begin += pause;
      return own.map(
        (arrival): TracedArrival => ({
          ...arrival,
          series: `${nth}`,
          sender,
          modality: 'DX',
          atMs: begin + arrival.atMs,
        }),
      );
    });
  });

function decide(arrived: readonly TracedArrival[]) {
  return [...replay(arrived, learnedQuiet(LIMITS))];
}

/** When its last new instance came. */
function lastNewMs(own: readonly TracedArrival[]): number {
  const first = new Map<string, number>();
  for (const { sopInstanceUid, atMs } of own)
    first.set(sopInstanceUid, Math.min(atMs, first.get(sopInstanceUid) ?? atMs));
  return Math.max(...first.values());
}

const RUNS = { numRuns: 60 };

describe('whatever comes', () => {
  it('no decision is earlier after an arrival than the floor, or than a second where a claim is reached', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(trace, (all) => {
        for (const { series, atMs, evidence } of decide(all)) {
          seen.add(evidence);
          const before = all.filter((one) => one.series === series && one.atMs < atMs);
          const lastMs = Math.max(...before.map((one) => one.atMs));
          expect(atMs - lastMs).toBeGreaterThanOrEqual(evidence === 'claim' ? 1_000 : 3_000);
        }
      }),
      RUNS,
    );
    expect([...seen]).toEqual(expect.arrayContaining(['new_sender', 'learned', 'distrusted']));
  });

  it('every series is decided after its last instance, once in each generation, in the order of time', () => {
    fc.assert(
      fc.property(trace, (all) => {
        const decisions = decide(all);
        const times = decisions.map(({ atMs }) => atMs);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        for (const [series, own] of Map.groupBy(all, (arrival) => arrival.series)) {
          const made = decisions.filter((decision) => decision.series === series);
          expect(made.map(({ generation }) => generation)).toEqual(made.map((_, at) => at + 1));
          expect(made.at(-1)?.atMs).toBeGreaterThan(lastNewMs(own));
        }
      }),
      RUNS,
    );
  });

  it('the order of the trace does not matter', () => {
    fc.assert(
      fc.property(
        trace.chain((all) =>
          fc.tuple(
            fc.constant(all),
            fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
          ),
        ),
        ([all, shuffled]) => {
          expect(decide(shuffled)).toEqual(decide(all));
        },
      ),
      RUNS,
    );
  });

  it('the order of the arrivals of a series does not matter for what is learned', () => {
    fc.assert(
      fc.property(
        arrivals.chain((all) =>
          fc.tuple(
            fc.constant(all),
            fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
          ),
        ),
        fc.constantFrom(0, 30, 200),
        ([all, shuffled], series) => {
          const known = knownBy({ 0: series }, { claims: { right: 40, wasWrong: false } });
          expect(learn(known, shuffled, LIMITS, 'CT')).toEqual(learn(known, all, LIMITS, 'CT'));
        },
      ),
    );
  });

  it('what is learned is plain, and its counts are right', () => {
    fc.assert(
      fc.property(fc.array(arrivals, { maxLength: 30 }), (series) => {
        let known = knownBy({ 0: 20 });
        for (const own of series) known = learn(known, own, LIMITS, undefined).history;
        expect(JSON.parse(JSON.stringify(known))).toEqual(known);
        expect(known.few.series).toBe(20 + series.length);
        expect(known.recent.premature).toBeLessThanOrEqual(known.recent.series);
      }),
    );
  });
});
