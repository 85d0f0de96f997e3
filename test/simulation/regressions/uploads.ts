import type { SeriesScenario } from '../scenario.ts';
import { ALWAYS, calm, IN_COMPUTE, type Regression, SERIES } from './regression.ts';

const REPLACED_LATE = { instance: 0, afterSeconds: 300, isElsewhere: true, isOtherContent: true };

const TWO_SOURCES = [1, 2].map(
  () => ({ quietPeriodSeconds: 5, compute: 'call', delivery: 'upload' }) as const,
);

/** Longer than the next generation takes to upload; the effect comes at once. */
const ANSWERED_LATE = { effectSeconds: 0, answerSeconds: 134 };

/** The first of two instances is replaced while a run may still be sending it; the second comes last and begins one more generation. */
const REPLACED: SeriesScenario = {
  ...SERIES,
  instances: 2,
  lateInstances: 1,
  lateAfterSeconds: 400,
  repetitions: [{ instance: 0, afterSeconds: 30, isElsewhere: true, isOtherContent: true }],
};

/** No later generation mends what went wrong. */
const REPLACED_ONCE: SeriesScenario = { ...REPLACED, instances: 1, lateInstances: 0 };

/** Another content comes and goes before the run that sends it, and dies, is followed by the next one. */
const REPLACED_AND_BACK: SeriesScenario = {
  ...REPLACED,
  lateAfterSeconds: 330,
  repetitions: [
    { instance: 0, afterSeconds: 300, isElsewhere: false, isOtherContent: true },
    { instance: 0, afterSeconds: 330, isElsewhere: true, isOtherContent: false },
  ],
};

const DIED_WITH_REPLACEMENT = {
  ...IN_COMPUTE,
  kind: 'died_during',
  operation: 'qure/upload',
  nth: 2,
  timing: { effectSeconds: 1, answerSeconds: 1 },
} as const;

/** The second generation waits between its upload and its compute call. */
const CALLED_LATE = {
  ...IN_COMPUTE,
  kind: 'slow',
  operation: 'dynamodb/Query',
  nth: 5,
  timing: ANSWERED_LATE,
} as const;

/** Of uploads, of calls for computation, and of what Qure holds. */
export const UPLOADS: readonly Regression[] = [
  {
    found: 'an upload mark of a content that came back kept it from being uploaded again',
    mutation: 'two-contents-in-one-round',
    scenario: calm({
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
    mutation: 'replaced-content-brought-back',
    scenario: calm({
      series: [REPLACED_ONCE],
      faults: [
        { kind: 'repeated_delivery', stage: 'compute', nth: 1 },
        { ...IN_COMPUTE, kind: 'slow', operation: 'dynamodb/Query', nth: 2, timing: ANSWERED_LATE },
        CALLED_LATE,
      ],
    }),
  },
  {
    found: 'an upload of another content that was not answered left the mark of the first one standing',
    mutation: 'two-contents-in-one-round',
    scenario: calm({ series: [REPLACED_AND_BACK], faults: [DIED_WITH_REPLACEMENT] }),
  },
  {
    found: 'an upload of another content that was not answered left no word that Qure may hold it',
    mutation: 'replacement-not-marked-before',
    scenario: calm({
      series: [REPLACED_AND_BACK],
      faults: [
        DIED_WITH_REPLACEMENT,
        { ...IN_COMPUTE, kind: 'qure_kept_content', operation: 'qure/upload', nth: 3 },
      ],
    }),
  },
  {
    found:
      'a set that came back was taken for accepted, though a call for the one in between had reached Qure',
    mutation: 'acceptance-outlives-a-later-call',
    scenario: calm({
      series: [
        {
          ...SERIES,
          repetitions: [
            { instance: 0, afterSeconds: 200, isElsewhere: true, isOtherContent: true },
            { instance: 0, afterSeconds: 240, isElsewhere: true, isOtherContent: false },
          ],
        },
      ],
      faults: [{ ...IN_COMPUTE, kind: 'died_after', operation: 'qure/compute', nth: 2 }],
    }),
  },
  {
    found:
      'a run took an answer of two minutes ago for leave, and sent a content that had been replaced since',
    mutation: 'late-leave-taken',
    scenario: calm({
      series: [REPLACED],
      faults: [
        { ...IN_COMPUTE, kind: 'slow', operation: 'dynamodb/GetItem', nth: 3, timing: ANSWERED_LATE },
        // Else the run would notice afterwards.
        { ...IN_COMPUTE, kind: 'died_after', operation: 'qure/upload', nth: 2 },
      ],
    }),
  },
  {
    found: 'a request that a later generation had overtaken left a replaced content with Qure',
    mutation: 'overtaken-not-noticed',
    scenario: calm({
      series: [REPLACED_ONCE],
      faults: [
        {
          ...IN_COMPUTE,
          kind: 'slow',
          operation: 'qure/upload',
          nth: 1,
          timing: { effectSeconds: 134, answerSeconds: 134 },
        },
        CALLED_LATE,
      ],
    }),
  },
  {
    found: 'two sources of one workspace brought one series there, and Qure computed one volume of both',
    mutation: 'workspace-taken-by-all',
    scenario: calm({ sources: TWO_SOURCES, series: [SERIES], sharedWorkspace: { afterSeconds: 0 } }),
  },
  {
    found: 'two sources brought one X-ray series at once, each took a part of it, and it was refused to both',
    mutation: 'instances-taken-with-the-series',
    scenario: calm({
      // One in five makes both ask for the images of the series in different orders.
      seed: 6,
      sources: TWO_SOURCES,
      series: [{ ...SERIES, kind: 'chest-xray', instances: 6 }],
      sharedWorkspace: { afterSeconds: 0 },
    }),
  },
  {
    found: 'the result was of a content that had been replaced, and the series did not tell that it might be',
    mutation: 'kept-content-not-told',
    scenario: calm({
      series: [{ ...SERIES, repetitions: [REPLACED_LATE] }],
      faults: [{ ...IN_COMPUTE, kind: 'qure_kept_content', operation: 'qure/upload', nth: 2 }],
    }),
  },
  {
    found: 'what Qure might not have taken was told no more once all had been sent again after a 404',
    mutation: 'kept-content-forgotten-in-a-round',
    scenario: calm({
      series: [{ ...SERIES, repetitions: [REPLACED_LATE] }],
      faults: [
        { ...IN_COMPUTE, kind: 'qure_kept_content', operation: 'qure/upload', nth: 2 },
        { ...IN_COMPUTE, kind: 'qure_not_yet', operation: 'qure/compute', nth: 2 },
        { ...IN_COMPUTE, kind: 'qure_kept_content', operation: 'qure/upload', nth: 3 },
      ],
    }),
  },
  {
    found: 'no file came, and the scan was unsupported',
    mutation: 'lost-file-ends-a-scan',
    scenario: calm({
      series: [SERIES],
      // By chance with 400 or 401, and only a 400 would end the scan: one of eight has it.
      faults: [1, 2, 3, 4, 5, 6, 7, 8].map((nth) => ({
        ...IN_COMPUTE,
        kind: 'qure_no_file' as const,
        operation: 'qure/upload' as const,
        nth,
      })),
    }),
  },
  {
    found: 'three series of another workspace stopped their source',
    mutation: 'denied-series-stop-a-source',
    scenario: calm({
      series: [SERIES, { ...SERIES, kind: 'chest-ct' }, { ...SERIES, kind: 'stroke-ct' }],
      ambientFaults: [{ kind: 'qure_denied_series', ...ALWAYS }],
    }),
  },
];
