import { expect, test } from 'vitest';
import { OPERATIONS, readParameters, readRequest } from '../../../functions/api/requests.ts';

const { listSeries, backtestRules, makeUploadLinks, retrySeries } = OPERATIONS;
const parameters = (given: Record<string, string>) => () => readParameters(listSeries.parameters, given);
const body = (value: unknown) => () => readRequest(makeUploadLinks.body, value);

test.each<[string, () => unknown, RegExp]>([
  [
    'an unknown parameter',
    parameters({ foo: '1' }),
    /^request: expected one of state, source, .*cursor, got "foo"$/,
  ],
  [
    'an unknown member of a body',
    () => readRequest(retrySeries.body, { why: 'x' }),
    /expected one of recompute, product, comment, got "why"$/,
  ],
  ['a number that is too small', parameters({ limit: '0' }), /^limit: expected a number of at least 1$/],
  ['a number that is too large', parameters({ limit: '1000' }), /^limit: expected a number of at most 100$/],
  ['a number that is none', parameters({ limit: 'many' }), /^limit: expected a number, got something else$/],
  ['a number with decimals', parameters({ limit: '1.5' }), /^limit: expected a whole number/],
  ['a text that is empty', parameters({ source: '' }), /^source: expected a text of at least 1 character$/],
  [
    'a text that is too long',
    body({ source: 'a', count: 1, comment: 'x'.repeat(501) }),
    /comment: expected a text of at most 500 characters/,
  ],
  [
    'a time that is none',
    parameters({ since: 'yesterday' }),
    /^since: expected a time in UTC such as 2026-11-29T10:00:00Z$/,
  ],
  ['a day without a time', parameters({ since: '2026-03-01' }), /^since: expected a time/],
  ['a state that there is not', parameters({ state: 'LOST' }), /^state\.0: expected one of RECEIVING/],
  ['a member that is missing', body({ source: 'a' }), /^count: expected a number, got none$/],
  [
    'a body that is a text',
    () => readRequest(backtestRules.body, 'x'),
    /^request: expected an object, got something else$/,
  ],
])('%s is told in words', (_what, read, told) => {
  expect(read).toThrow(told);
});

test('many unknown names, or long ones, are not repeated in full', () => {
  const names = Array.from({ length: 50 }, (_, at) => [`${at}${'x'.repeat(100)}`, ''] as const);
  expect(parameters(Object.fromEntries(names))).toThrow(/got "0x{63}", .* and others$/);
});
