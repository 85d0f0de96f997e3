import { type ArchiveScenario, type Scenario, type SeriesScenario, WALK_ENDS } from './scenario.ts';

export interface Regression {
  /** What the simulation found. */
  found: string;
  /** Takes away what mended it: the scenario must break then, or it proves nothing any more. */
  mutation: string;
  /** Shrunk. */
  scenario: Scenario;
}

/** A world without faults: what is given differs. */
function calm(scenario: Partial<Scenario>): Scenario {
  return {
    seed: 1,
    sources: [{ quietPeriodSeconds: 5, compute: 'call', delivery: 'upload' }],
    series: [],
    rubbish: [],
    operator: [],
    faults: [],
    ambientFaults: [],
    maxSkewMs: 0,
    indexLagMs: 0,
    isVersioned: false,
    hasOpaqueEtags: false,
    ...scenario,
  };
}

const SERIES: SeriesScenario = {
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

const ONE_ARCHIVE: ArchiveScenario = { format: 'stored-zip', isSplit: false, isBesideFiles: false };
const TWO_ARCHIVES: ArchiveScenario = { ...ONE_ARCHIVE, isSplit: true };
const REPLACED_ARCHIVE: ArchiveScenario = {
  ...ONE_ARCHIVE,
  again: { afterSeconds: 300, isElsewhere: false, isOtherContent: true },
};

const REUSED_KEY: Partial<Scenario> = {
  series: [{ ...SERIES, instances: 320, archive: ONE_ARCHIVE }],
  reusedKey: { afterMs: 0, format: 'stored-zip' },
  faults: [WALK_ENDS],
};

const REPLACED_LATE = { instance: 0, afterSeconds: 300, isElsewhere: true, isOtherContent: true };

const TWO_SOURCES = [1, 2].map(
  () => ({ quietPeriodSeconds: 5, compute: 'call', delivery: 'upload' }) as const,
);

const IN_COMPUTE = { stage: 'compute' } as const;

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

/** For so long every answer that can be befallen is. */
const ALWAYS = { fromSeconds: 0, forSeconds: 3_000, oneIn: 1 };

/** Three, since chance decides how long a computation takes: one of them is as the scenario says. */
const LATE_WHILE_COMPUTING = (['head-ct', 'chest-ct', 'stroke-ct'] as const).map((kind) => ({
  ...SERIES,
  kind,
  instances: 2,
  lateInstances: 1,
  lateAfterSeconds: 20,
}));

/** What the simulation found in the pipeline, each mended since. */
export const REGRESSIONS: Regression[] = [
  {
    found: 'two contents of one instance below a marker with counts replaced each other for ever',
    mutation: 'last-event-wins',
    scenario: calm({
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
    found: 'reconcile died between the rows and their series, and a series in DONE did not know of a slice',
    mutation: 'reconcile-looks-ahead-at-nothing',
    scenario: calm({
      series: [{ ...SERIES, instances: 2 }],
      // Keeps the world going until reconcile comes.
      operator: [{ does: 'reads-list', atSeconds: 500 }],
      faults: [
        { kind: 'lost_event', stage: 'index-instances', nth: 1 },
        { kind: 'died_after', stage: 'reconcile', operation: 'dynamodb/BatchWriteItem', nth: 1 },
      ],
      reconcilesEveryMinutes: 7,
    }),
  },
  {
    found:
      'the result of the generation before, served once more after a late slice, was stored as the new one',
    mutation: 'earlier-answer-taken',
    scenario: calm({
      series: [{ ...SERIES, instances: 2, lateInstances: 1, lateAfterSeconds: 3_000 }],
      ambientFaults: [{ kind: 'qure_old_result', fromSeconds: 3_000, forSeconds: 300, oneIn: 1 }],
    }),
  },
  {
    found:
      'a result that nobody had fetched when a late slice came was stored as that of the next generation',
    mutation: 'earlier-answer-not-asked-for',
    scenario: calm({
      seed: 1,
      series: LATE_WHILE_COMPUTING,
      ambientFaults: [{ kind: 'qure_old_result', fromSeconds: 0, forSeconds: 400, oneIn: 1 }],
    }),
  },
  {
    found: 'a computation that had not ended when the next one was asked for answered in its place',
    mutation: 'first-answer-after-pending-taken',
    scenario: calm({
      seed: 4,
      series: LATE_WHILE_COMPUTING,
      ambientFaults: [{ kind: 'qure_old_result', fromSeconds: 0, forSeconds: 400, oneIn: 1 }],
    }),
  },
  {
    found: 'a scan that Qure had not read was DONE',
    mutation: 'unread-scan-is-done',
    scenario: calm({ series: [SERIES], ambientFaults: [{ kind: 'qure_not_read', ...ALWAYS }] }),
  },
  {
    found: 'an X-ray series was DONE without a word on the image of it that Qure had not read',
    mutation: 'unread-image-not-told',
    scenario: calm({
      series: [{ ...SERIES, kind: 'chest-xray', instances: 2 }],
      faults: [{ kind: 'qure_not_read', stage: 'poll-results', operation: 'qure/instance-results', nth: 5 }],
    }),
  },
  {
    found: 'a CT that another product had answered was DONE',
    mutation: 'other-product-is-done',
    scenario: calm({ series: [SERIES], ambientFaults: [{ kind: 'qure_other_product', ...ALWAYS }] }),
  },
  {
    found: 'an X-ray series was DONE by a product that had not answered',
    mutation: 'answering-product-not-told',
    scenario: calm({
      series: [{ ...SERIES, kind: 'chest-xray', instances: 2 }],
      faults: [{ ...IN_COMPUTE, kind: 'qure_other_xray', operation: 'qure/upload', nth: 1 }],
    }),
  },
  {
    found: 'an X-ray series that another product had answered did not tell to which one it was sent',
    mutation: 'routed-product-not-told',
    scenario: calm({
      // Qure reads the last one by the product that the series was sent to, and most of them by the other.
      series: [{ ...SERIES, kind: 'chest-xray', instances: 3 }],
      faults: [{ ...IN_COMPUTE, kind: 'qure_other_xray', operation: 'qure/upload', nth: 1 }],
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
      seed: 7,
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
    found:
      'a run that had hung put the answer that it was then given over the result of the run that had overtaken it',
    mutation: 'overtaken-run-stores',
    scenario: calm({
      series: [SERIES],
      faults: [
        {
          stage: 'poll-results',
          kind: 'slow',
          operation: 'dynamodb/GetItem',
          nth: 1,
          // The sweep gives the series to another run after two to four minutes.
          timing: { effectSeconds: 0, answerSeconds: 280 },
        },
      ],
      ambientFaults: [{ kind: 'qure_other_product', fromSeconds: 270, forSeconds: 3_000, oneIn: 1 }],
    }),
  },
  {
    found: 'an empty result was DONE',
    mutation: 'empty-result-is-done',
    scenario: calm({ series: [SERIES], ambientFaults: [{ kind: 'qure_empty_result', ...ALWAYS }] }),
  },
  {
    found: 'a link that may not be followed was left out in silence',
    mutation: 'bad-link-ignored',
    scenario: calm({ series: [SERIES], ambientFaults: [{ kind: 'qure_bad_link', ...ALWAYS }] }),
  },
  {
    found: 'the body of the login under a 400 ended a scan as unsupported',
    mutation: 'login-body-ends-a-scan',
    scenario: calm({
      series: [SERIES],
      faults: [1, 2, 3].map((nth) => ({
        stage: 'poll-results' as const,
        kind: 'qure_login_body' as const,
        operation: 'qure/results' as const,
        nth,
      })),
    }),
  },
  {
    found: 'no file came, and the scan was unsupported',
    mutation: 'lost-file-ends-a-scan',
    scenario: calm({
      series: [SERIES],
      faults: [1, 2, 3, 4].map((nth) => ({
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
  {
    found: 'an asset of an earlier result stayed beside the result of a generation that was computed again',
    mutation: 'asset-of-earlier-result-kept',
    scenario: calm({
      series: [SERIES],
      faults: [
        // The first asset is stored, the second breaks off try after try, until Qure loses the series and computes it anew.
        ...[2, 3, 4, 5, 6, 7].map(
          (nth) => ({ kind: 'asset_broken', stage: 'poll-results', operation: 'qure/asset', nth }) as const,
        ),
        { kind: 'qure_forgot_series', stage: 'poll-results', operation: 'qure/results', nth: 7 },
      ],
    }),
  },
  {
    found:
      'each look at a series that waited for slices left another one when it came twice, thousands in the end',
    mutation: 'looks-share-a-ticket',
    scenario: calm({
      sources: [{ quietPeriodSeconds: 60, compute: 'call', delivery: 'upload', quality: 'hold' }],
      series: [{ ...SERIES, instances: 4, isShuffled: true, lateInstances: 1, lateAfterSeconds: 2_000 }],
      ambientFaults: [{ kind: 'repeated_delivery', fromSeconds: 0, forSeconds: 900, oneIn: 3 }],
    }),
  },
  {
    found:
      'a series was called quiet while the indexers did not run, and its other slices waited in their queue',
    mutation: 'waiting-events-not-counted',
    scenario: calm({
      sources: [{ quietPeriodSeconds: 60, compute: 'call', delivery: 'upload' }],
      series: [{ ...SERIES, instances: 6, spreadSeconds: 50 }],
      faults: [{ kind: 'stopped_ingest', stage: 'index-instances', nth: 2 }],
    }),
  },
  {
    found: 'a series was complete by its marker while the second of its archives was not indexed',
    mutation: 'marker-passes-unfinished-archive',
    scenario: calm({
      series: [
        { ...SERIES, instances: 4, archive: TWO_ARCHIVES, marker: { kind: 'everything', afterSeconds: 5 } },
      ],
      faults: [{ kind: 'late_event', stage: 'index-instances', nth: 2 }],
    }),
  },
  {
    found: 'an archive that was written again with other pixels was taken for the one before',
    mutation: 'archive-content-by-size',
    scenario: calm({ series: [{ ...SERIES, instances: 2, archive: REPLACED_ARCHIVE }] }),
  },
  {
    found: 'an entry between two steps of an archive was left out',
    mutation: 'archive-step-skips-an-entry',
    scenario: calm({ series: [{ ...SERIES, instances: 330, archive: ONE_ARCHIVE }] }),
  },
  {
    found: 'the first entries of a tar that was cut off were indexed',
    mutation: 'cut-archive-indexed',
    scenario: calm({
      series: [{ ...SERIES, instances: 500, archive: { ...ONE_ARCHIVE, format: 'tar' } }],
      faults: [{ kind: 'damaged_drop', stage: 'index-instances', nth: 1 }],
    }),
  },
  {
    found:
      'a total was reached too early: an instance was counted in its archive, and again when another copy of it was indexed',
    mutation: 'total-counts-an-instance-twice',
    scenario: calm({
      series: [
        {
          ...SERIES,
          instances: 2,
          lateInstances: 1,
          lateAfterSeconds: 2000,
          repetitions: [{ instance: 0, afterSeconds: 30, isElsewhere: true, isOtherContent: true }],
          archive: ONE_ARCHIVE,
          marker: { kind: 'instances', afterSeconds: 31 },
        },
      ],
    }),
  },
  {
    found:
      'the key of an archive was used again for another study, and the half that was indexed was computed as the whole series',
    mutation: 'archive-row-for-a-key',
    scenario: calm({ ...REUSED_KEY, isVersioned: true }),
  },
  {
    found:
      'the second half of an archive whose key was used again was not read, though its version was there',
    mutation: 'replaced-archive-read-by-key',
    scenario: calm({ ...REUSED_KEY, isVersioned: true }),
  },
  {
    found:
      'Qure was asked to compute a series of which half an archive was known, and the other half was gone',
    mutation: 'abandoned-archive-computed',
    scenario: calm({
      ...REUSED_KEY,
      sources: [{ quietPeriodSeconds: 5, compute: 'call', delivery: 'external' }],
    }),
  },
  {
    found:
      'an archive was deleted while it was uploaded, the rows of its other entries were removed, and its uploaded part was computed',
    mutation: 'uploaded-part-of-archive-kept',
    scenario: calm({
      series: [
        {
          ...SERIES,
          instances: 60,
          archive: ONE_ARCHIVE,
          deletions: [{ instance: 0, afterSeconds: 12 }],
        },
        // As long as something is under way, the reconciliation runs.
        { ...SERIES, kind: 'stroke-ct', startsAtSeconds: 4_000 },
      ],
      reconcilesEveryMinutes: 7,
      faults: [{ ...IN_COMPUTE, kind: 'qure_down', operation: 'qure/upload', nth: 3 }],
    }),
  },
  {
    found: 'a late slice of a series whose rows had expired was computed without the others',
    mutation: 'expired-rows-passed-over',
    scenario: calm({
      series: [{ ...SERIES, instances: 3 }],
      aftermath: { drops: 'late', keptOneIn: 0 },
    }),
  },
  {
    found:
      'the second half of a series was computed without the first, which had expired, as it had as many slices',
    mutation: 'as-many-are-whole',
    scenario: calm({
      series: [{ ...SERIES, instances: 3 }],
      aftermath: { drops: 'others', keptOneIn: 0 },
    }),
  },
  {
    found: 'a late slice was computed with rows that had expired, and were not deleted yet',
    mutation: 'undeleted-rows-count',
    scenario: calm({
      series: [{ ...SERIES, instances: 3 }],
      aftermath: { drops: 'late', keptOneIn: 1 },
    }),
  },
  {
    found: 'an object that S3 was late to expire was indexed anew after its row had expired',
    mutation: 'expired-object-indexed',
    scenario: calm({
      series: [{ ...SERIES, instances: 12 }],
      aftermath: { drops: 'late', keptOneIn: 0 },
    }),
  },
];
