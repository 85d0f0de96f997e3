import { calm, type Regression, SERIES } from './regression.ts';

/** Of a source that gets another Qure. Found by reading, and by tests of two Qures behind one source. */
export const OTHER_QURE: readonly Regression[] = [
  {
    found: 'a result was announced of another Qure than the one that its source had',
    mutation: 'other-qure-not-noticed',
    scenario: calm({
      // One in four has an answer of the first Qure come while the source has the other one.
      seed: 4,
      series: [{ ...SERIES, instances: 2 }],
      otherQure: { when: 'UPLOADING', afterSeconds: 5, backAfterSeconds: 60 },
    }),
  },
  {
    found: 'another Qure was asked to compute what only the first one had',
    mutation: 'other-qure-sent-the-rest',
    scenario: calm({ series: [SERIES], otherQure: { when: 'UPLOADING', afterSeconds: 0 } }),
  },
  {
    found:
      'the first Qure, which the source had again, answered for fewer images than it had been given since',
    mutation: 'other-qure-taken-for-new',
    scenario: calm({
      seed: 4,
      series: [{ ...SERIES, instances: 2, lateInstances: 1, lateAfterSeconds: 60 }],
      otherQure: { when: 'COMPUTING', afterSeconds: 0, backAfterSeconds: 80 },
    }),
  },
  {
    found: 'a series was brought to the first Qure again, whose secret some processes still had',
    mutation: 'brought-to-and-fro',
    scenario: calm({ series: [SERIES], otherQure: { when: 'UPLOADING', afterSeconds: 0 } }),
  },
];
