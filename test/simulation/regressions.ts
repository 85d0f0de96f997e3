import type { SeriesStory, Story } from './story.ts';

export interface Regression {
  /** What the simulation found. */
  found: string;
  /** Shrunk. */
  story: Story;
}

/** A world without faults: what is given differs. */
function calm(story: Partial<Story>): Story {
  return {
    seed: 1,
    sources: [{ quietPeriodSeconds: 5, compute: 'call', delivery: 'upload' }],
    series: [],
    rubbish: [],
    operator: [],
    faults: [],
    weather: [],
    maxSkewMs: 0,
    indexLagMs: 0,
    isVersioned: false,
    hasOpaqueEtags: false,
    ...story,
  };
}

const SERIES: SeriesStory = {
  source: 0,
  kind: 'head-ct',
  instances: 1,
  startsAtSeconds: 0,
  spreadSeconds: 0,
  isShuffled: false,
  lateInstances: 0,
  lateAfterSeconds: 0,
  repetitions: [],
  deletions: [],
};

/** What the simulation found in the pipeline, each mended since. */
export const REGRESSIONS: Regression[] = [
  {
    found: 'two contents of one instance below a marker with counts replaced each other for ever',
    story: calm({
      series: [
        {
          ...SERIES,
          instances: 2,
          repetitions: [{ instance: 0, afterSeconds: 30, isElsewhere: true, isOtherContent: true }],
          marker: { kind: 'series', afterSeconds: 10 },
        },
      ],
    }),
  },
  {
    found: 'an upload mark of a content that came back kept it from being uploaded again',
    story: calm({
      series: [
        {
          ...SERIES,
          instances: 2,
          repetitions: [
            { instance: 0, afterSeconds: 200, isElsewhere: false, isOtherContent: true },
            { instance: 0, afterSeconds: 500, isElsewhere: true, isOtherContent: false },
          ],
        },
      ],
    }),
  },
  {
    found: 'the slower run of a message that came twice brought a replaced content back to Qure',
    story: calm({
      seed: 1092,
      isVersioned: true,
      series: [
        {
          ...SERIES,
          instances: 3,
          repetitions: [{ instance: 0, afterSeconds: 22, isElsewhere: false, isOtherContent: true }],
        },
      ],
      faults: [
        { kind: 'repeated_delivery', stage: 'compute', nth: 1 },
        { kind: 'slow', stage: 'compute', nth: 16 },
      ],
    }),
  },
  {
    found: 'an upload of another content that was not answered left the mark of the first one standing',
    story: calm({
      seed: 23,
      series: [
        {
          ...SERIES,
          instances: 2,
          repetitions: [
            { instance: 0, afterSeconds: 300, isElsewhere: false, isOtherContent: true },
            { instance: 0, afterSeconds: 328, isElsewhere: true, isOtherContent: false },
          ],
        },
      ],
      faults: [{ kind: 'late_effect', stage: 'compute', nth: 43 }],
    }),
  },
  {
    found:
      'a set that came back was taken for accepted, though a call for the one in between had reached Qure',
    story: calm({
      seed: 883018418,
      sources: [{ quietPeriodSeconds: 60, compute: 'call', delivery: 'upload' }],
      series: [
        {
          ...SERIES,
          instances: 4,
          startsAtSeconds: 561,
          spreadSeconds: 7,
          isShuffled: true,
          repetitions: [
            { instance: 6, afterSeconds: 371, isElsewhere: false, isOtherContent: true },
            { instance: 274, afterSeconds: 960, isElsewhere: true, isOtherContent: false },
            { instance: 45, afterSeconds: 689, isElsewhere: true, isOtherContent: false },
          ],
          marker: { kind: 'everything', afterSeconds: 152 },
          retryAfterSeconds: 509,
        },
      ],
      rubbish: [
        { kind: 'truncated', source: 2, atSeconds: 351 },
        { kind: 'no-uid', source: 0, atSeconds: 476 },
        { kind: 'empty', source: 0, atSeconds: 471 },
      ],
      operator: [
        { does: 'redrives', atSeconds: 3_635 },
        { does: 'retries-failed', atSeconds: 3_210 },
      ],
      faults: [
        { kind: 'slow', stage: 'index-instances', nth: 5 },
        { kind: 'slow', stage: 'index-instances', nth: 1 },
      ],
      weather: [
        { kind: 'qure_busy', fromSeconds: 126, forSeconds: 1_902, oneIn: 6 },
        { kind: 'lost_answer', fromSeconds: 898, forSeconds: 600, oneIn: 8 },
      ],
      maxSkewMs: 500,
      indexLagMs: 100,
      isVersioned: true,
    }),
  },
];
