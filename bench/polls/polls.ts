import type { Benchmark, Findings } from '../benchmark.ts';
import { Chance } from '../senders/chance.ts';
import { type ComputedProduct, type Polled, pollFor, summarize } from './polled.ts';
import {
  evenSchedule,
  geometricSchedule,
  growingSchedule,
  learnedSchedule,
  type Schedule,
  scaledSchedule,
} from './schedules.ts';

export interface PollCase {
  name: string;
  /** What is thought of the product before anything is known. */
  usualSeconds: number;
  /** By which it was learned; absent: nothing was. */
  before?: ComputedProduct;
  now: ComputedProduct;
  /** That are counted. */
  series: number;
}

const PRODUCTS = [
  { name: 'X-ray, 15 s', medianSeconds: 15 },
  { name: 'head CT, 90 s', medianSeconds: 90 },
  { name: 'chest CT, 150 s', medianSeconds: 150 },
];
const USUAL_SIGMA = 0.45;
const SIGMAS = [0.3, USUAL_SIGMA, 0.6];
/** Of a product before it changes. */
const KNOWN_SERIES = 100;
const NEW_SERIES = 20;
const CHANGES = [
  { name: 'twice as slow', factor: 2 },
  { name: '4 × as slow', factor: 4 },
  { name: 'twice as fast', factor: 0.5 },
  { name: '10 × as fast', factor: 0.1 },
];

export const POLL_CASES: readonly PollCase[] = PRODUCTS.flatMap(({ name, medianSeconds }) => {
  const usual = { medianSeconds, sigma: USUAL_SIGMA };
  return [
    ...SIGMAS.map((sigma) => {
      const known = { medianSeconds, sigma };
      return {
        name: `${name}, σ ${sigma}`,
        usualSeconds: medianSeconds,
        before: known,
        now: known,
        series: 300,
      };
    }),
    { name: `${name}, the first ${NEW_SERIES}`, usualSeconds: medianSeconds, now: usual, series: NEW_SERIES },
    {
      name: `${name}, the first ${NEW_SERIES}, thought to be 3 × as slow`,
      usualSeconds: 3 * medianSeconds,
      now: usual,
      series: NEW_SERIES,
    },
    ...CHANGES.map((change) => ({
      name: `${name}, now ${change.name}`,
      usualSeconds: medianSeconds,
      before: usual,
      now: { ...usual, medianSeconds: medianSeconds * change.factor },
      series: 100,
    })),
  ];
});

/** Each with a chance of its own, of which the first seeds are those by which nothing was chosen. */
const SOURCES = 200;
const FIRST_SEED = 5_001;

export const CONTENDERS: readonly { name: string; schedule(one: PollCase, chance: Chance): Schedule }[] = [
  { name: 'learned', schedule: ({ usualSeconds }, chance) => learnedSchedule(usualSeconds, chance) },
  { name: '15 s, growing', schedule: () => growingSchedule(15) },
  { name: 'every 15 s', schedule: () => evenSchedule(15) },
  { name: 'scaled', schedule: ({ usualSeconds }) => scaledSchedule(usualSeconds) },
  { name: 'geometric', schedule: ({ usualSeconds }) => geometricSchedule(usualSeconds, 0.12) },
];

/** How long a result waits for the poll that finds it, and how many polls that takes. */
export const polls: Benchmark = {
  name: 'polls',
  run: async () => [pollFindings(POLL_CASES, SOURCES)],
};

export function pollFindings(cases: readonly PollCase[], sources: number): Findings {
  return {
    title: 'Polls: how long a result waits',
    columns: ['product, median', ...CONTENDERS.map(({ name }) => name)],
    rows: cases.map((one) => [
      one.name,
      ...CONTENDERS.map(({ schedule }) => textOf(pollSources(one, sources, schedule))),
    ]),
    notes: [
      'Seconds from the result to the poll that finds it: mean (p95); and polls of a series.',
      `Times of computing are log-normal with this median and σ (${USUAL_SIGMA} where none is named); one in 50 takes 4 times as long.`,
      `Each row: ${sources} sources; after ${KNOWN_SERIES} series of which the schedule learns, 300 are counted (the first ${NEW_SERIES}, and 100 after a change).`,
      'Scaled and geometric are given the median from before a change, and learn nothing.',
      'Whole seconds, as SQS delays a message; the second of the batching window and the poll itself are not counted.',
    ],
  };
}

/** The counted series of all sources. */
export function pollSources(
  one: PollCase,
  sources: number,
  schedule: (one: PollCase, chance: Chance) => Schedule,
): Polled[] {
  return Array.from({ length: sources }, (_, source) => {
    // Computing times have a chance of their own, so that all schedules poll for the same results.
    const own = schedule(one, new Chance(FIRST_SEED + sources + source));
    const chance = new Chance(FIRST_SEED + source);
    if (one.before !== undefined) pollFor(own, one.before, KNOWN_SERIES, chance);
    return pollFor(own, one.now, one.series, chance);
  }).flat();
}

function textOf(polled: readonly Polled[]): string {
  const { meanDelaySeconds, p95DelaySeconds, polls: asked } = summarize(polled);
  return `${meanDelaySeconds.toFixed(1)} (${p95DelaySeconds.toFixed(0)}), ${asked.toFixed(1)}`;
}
