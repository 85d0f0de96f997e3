import { describe, expect, it } from 'vitest';
import { failedItems } from '../../../local/lambda/batch-response.ts';

const ids = new Set(['a', 'b']);
const failures = (...identifiers: unknown[]) =>
  JSON.stringify({ batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })) });

describe('failedItems', () => {
  it.each<[string, string, string[] | 'all']>([
    ['an empty list', failures(), []],
    ['null', 'null', []],
    ['an empty object', '{}', []],
    ['a list that is null', '{"batchItemFailures":null}', []],
    ['one failure', failures('b'), ['b']],
    ['every item failed', failures('a', 'b'), ['a', 'b']],
    ['a text that is no JSON', '{', 'all'],
    ['a list that is no list', '{"batchItemFailures":"a"}', 'all'],
    ['an empty identifier', failures(''), 'all'],
    ['an identifier that is null', failures(null), 'all'],
    ['a wrong name of the key', '{"batchItemFailures":[{"id":"a"}]}', 'all'],
    ['an entry that is null', '{"batchItemFailures":[null]}', 'all'],
    ['an unknown identifier beside a known one', failures('a', 'z'), 'all'],
  ])('%s', (_name, response, expected) => {
    const failed = failedItems(response, ids);
    expect(failed === 'all' ? failed : [...failed]).toEqual(expected);
  });
});
