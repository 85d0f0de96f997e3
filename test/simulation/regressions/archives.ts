import { type ArchiveScenario, type Scenario, WALK_ENDS } from '../scenario.ts';
import { calm, IN_COMPUTE, type Regression, SERIES } from './regression.ts';

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

/** Of archives. */
export const ARCHIVES: readonly Regression[] = [
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
    found: 'an archive below a marker, which S3 refused once, was read as another file and quarantined',
    mutation: 'refused-archive-read-as-file',
    scenario: calm({
      series: [
        { ...SERIES, instances: 2, archive: ONE_ARCHIVE, marker: { kind: 'everything', afterSeconds: 60 } },
      ],
      faults: [
        { kind: 'lost_event', stage: 'index-instances', nth: 1 },
        { kind: 'unreadable_object', stage: 'check-completion', operation: 's3/GetObject', nth: 1 },
      ],
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
      seed: 2,
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
    found:
      'an archive with corrected slices was indexed while a run that had read the index before it stood still; that run wrote its older slices last',
    mutation: 'overwritten-archive-left',
    scenario: calm({
      seed: 0,
      series: [
        {
          ...SERIES,
          instances: 9,
          spreadSeconds: 2,
          archive: {
            ...ONE_ARCHIVE,
            isBesideFiles: true,
            again: { afterSeconds: 0, isElsewhere: true, isOtherContent: true },
          },
        },
      ],
      faults: [{ kind: 'stopped_ingest', stage: 'index-instances', nth: 1 }],
      learnedPolls: { knownResults: 0, knownSeconds: 2, factor: 0.1, fromSeconds: 0 },
    }),
  },
];
