import { expect, test } from 'vitest';
import { adviceOn, waitAdviceOn } from '../../../console/series/advice.ts';

test.each([
  ['auth_rejected', /QURE_TOKEN or the sources file, and start again\./],
  ['source_denied', /QURE_SOURCE or the sources file with the one that Qure issued, and start again\./],
])('%s: on one machine nothing is said of a secret, which is not there', (reason, expected) => {
  for (const advice of [adviceOn, waitAdviceOn]) {
    expect(advice(reason, true)).toMatch(expected);
    expect(advice(reason, true)).not.toContain('secret');
    expect(advice(reason)).toContain('secret');
  }
});

test('another reason has the same advice on one machine', () => {
  expect(adviceOn('qure_unavailable', true)).toBe(adviceOn('qure_unavailable'));
  expect(waitAdviceOn('concurrency', true)).toBe(waitAdviceOn('concurrency'));
});
