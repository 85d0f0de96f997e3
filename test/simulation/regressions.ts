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
];
