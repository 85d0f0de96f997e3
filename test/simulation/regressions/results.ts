import { ALWAYS, calm, IN_COMPUTE, type Regression, SERIES } from './regression.ts';

/** Three, since chance decides how long a computation takes: one of them is as the scenario says. */
const LATE_WHILE_COMPUTING = (['head-ct', 'chest-ct', 'stroke-ct'] as const).map((kind) => ({
  ...SERIES,
  kind,
  instances: 2,
  lateInstances: 1,
  lateAfterSeconds: 20,
}));

/** Of answers, results and assets. */
export const RESULTS: readonly Regression[] = [
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
    found: 'the result of an X-ray image was held back for hours by another image without an answer',
    mutation: 'image-without-answer-holds-back',
    scenario: calm({
      series: [{ ...SERIES, kind: 'chest-xray', instances: 2 }],
      faults: [{ kind: 'qure_slow', stage: 'poll-results', operation: 'qure/instance-results', nth: 1 }],
    }),
  },
  {
    found: 'an X-ray image that Qure answered a minute later was told to have no answer',
    mutation: 'image-not-waited-for',
    scenario: calm({
      series: [{ ...SERIES, kind: 'chest-xray', instances: 2 }],
      faults: [{ kind: 'qure_slow', stage: 'poll-results', operation: 'qure/instance-results', nth: 1 }],
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
    found: 'an asset of an earlier result stayed beside the result of a generation that was computed again',
    mutation: 'asset-of-earlier-result-kept',
    scenario: calm({
      seed: 2,
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
];
