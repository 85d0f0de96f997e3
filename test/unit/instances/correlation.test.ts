import { expect, test } from 'vitest';
import { correlationIdOf } from '../../../functions/instances/correlation.ts';

test('gives a series the same id in every version, since logs are kept', () => {
  expect(correlationIdOf({ source: 'ct-1', seriesInstanceUid: '1.2.840.1' })).toBe('1f18e4bcc43cad5b');
});

test.each([
  ['another source', { source: 'ct-2', seriesInstanceUid: '1.2.840.1' }],
  ['another series', { source: 'ct-1', seriesInstanceUid: '1.2.840.2' }],
  ['the border between the two elsewhere', { source: 'ct-11', seriesInstanceUid: '.2.840.1' }],
])('%s has another id', (_name, id) => {
  expect(correlationIdOf(id)).toMatch(/^[0-9a-f]{16}$/);
  expect(correlationIdOf(id)).not.toBe(correlationIdOf({ source: 'ct-1', seriesInstanceUid: '1.2.840.1' }));
});
