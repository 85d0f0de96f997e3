import { ALWAYS, calm, type Regression, SERIES } from './regression.ts';

/** Of the index, of patients, of markers and of the quiet period. */
export const INDEX_AND_COMPLETION: readonly Regression[] = [
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
    found:
      'the patient of a file that had been replaced would have been shown, where KMS had failed meanwhile',
    mutation: 'patient-of-other-instances-shown',
    scenario: calm({
      seed: 5,
      series: [SERIES],
      patients: { viewAfterSeconds: 100 },
      faults: [
        { stage: 'index-instances', kind: 'mixed_drop', nth: 1 },
        { stage: 'index-instances', kind: 'lost_request', operation: 'kms/Encrypt', nth: 2 },
      ],
    }),
  },
  {
    found: 'a series of a fast sender was complete before S3 had told of its last slice',
    mutation: 'folder-not-listed',
    scenario: calm({
      sources: [{ quietPeriodSeconds: 60, compute: 'call', delivery: 'upload' }],
      series: [{ ...SERIES, instances: 6, spreadSeconds: 6 }],
      adaptive: { knownSeries: 300 },
      faults: [{ kind: 'late_event', stage: 'index-instances', nth: 6 }],
    }),
  },
  {
    found: 'a fast sender was taken for silent while the indexers did not run',
    mutation: 'learned-silence-of-the-queue',
    scenario: calm({
      sources: [{ quietPeriodSeconds: 60, compute: 'call', delivery: 'upload' }],
      series: [{ ...SERIES, instances: 8, spreadSeconds: 8, splitAfter: 1 }],
      adaptive: { knownSeries: 300 },
      faults: [{ kind: 'stopped_ingest', stage: 'index-instances', nth: 2 }],
    }),
  },
  {
    found: 'a series in two archives was complete before S3 had told of the second one',
    mutation: 'folder-not-listed',
    scenario: calm({
      sources: [{ quietPeriodSeconds: 60, compute: 'call', delivery: 'upload' }],
      series: [{ ...SERIES, instances: 8, archive: { format: 'tar', isSplit: true, isBesideFiles: false } }],
      adaptive: { knownSeries: 300 },
      faults: [{ kind: 'late_event', stage: 'index-instances', nth: 2 }],
    }),
  },
  {
    found:
      'a series of a fast sender would have been complete without slices that had been uploaded in parts for minutes',
    mutation: 'parts-as-young-as-others',
    scenario: calm({
      sources: [{ quietPeriodSeconds: 60, compute: 'call', delivery: 'upload' }],
      series: [{ ...SERIES, instances: 12, spreadSeconds: 12 }],
      adaptive: { knownSeries: 300 },
      // Their uploads began between one second and twenty minutes before.
      faults: [7, 8, 9, 10, 11, 12].flatMap((nth) => [
        { kind: 'parts_drop', stage: 'index-instances', nth },
        { kind: 'late_event', stage: 'index-instances', nth },
      ]),
    }),
  },
  {
    found:
      'an upload in parts took the key of content that was put meanwhile, and its row stayed with what was gone',
    mutation: 'key-taken-over-by-its-time',
    scenario: calm({
      series: [
        {
          ...SERIES,
          instances: 2,
          repetitions: [{ instance: 0, afterSeconds: 2, isElsewhere: false, isOtherContent: true }],
        },
      ],
      faults: [{ kind: 'parts_drop', stage: 'index-instances', nth: 3 }],
    }),
  },
  {
    found: 'a fast sender would have been thought to pause for minutes, since it uploads in parts',
    mutation: 'parts-arrive-at-their-beginning',
    scenario: calm({
      sources: [{ quietPeriodSeconds: 60, compute: 'call', delivery: 'upload' }],
      series: [{ ...SERIES, instances: 12, spreadSeconds: 12 }],
      adaptive: { knownSeries: 300 },
      ambientFaults: [{ kind: 'parts_drop', ...ALWAYS }],
    }),
  },
];
