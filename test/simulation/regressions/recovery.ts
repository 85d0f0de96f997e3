import { calm, type Regression, SERIES } from './regression.ts';

/** Of the sweep, of the reconciliation, and of what has expired. */
export const RECOVERY: readonly Regression[] = [
  {
    found: 'the sweep noted its next look after its message, and the poll that it had started was refused',
    mutation: 'sweep-raises-the-version',
    scenario: calm({
      series: [SERIES],
      faults: [{ kind: 'died_before', stage: 'compute', operation: 'sqs/SendMessage', nth: 1 }],
    }),
  },
  {
    found: 'reconcile died between the rows and their series, and a series in DONE did not know of a slice',
    mutation: 'reconcile-looks-ahead-at-nothing',
    scenario: calm({
      // Longer apart than the listing of the folder looks back before the silence.
      series: [{ ...SERIES, instances: 2, spreadSeconds: 350 }],
      faults: [
        { kind: 'lost_event', stage: 'index-instances', nth: 1 },
        { kind: 'died_after', stage: 'reconcile', operation: 'dynamodb/BatchWriteItem', nth: 1 },
      ],
      // Once, while the world goes on: the next pass would find it.
      reconcilesEveryMinutes: 10,
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
