import { describe, expect, it } from 'vitest';
import { MAX_RETRY_AFTER_MS, parseRetryAfterMs } from '../../../functions/qure/retry-after.ts';

const now = new Date('2026-03-01T12:00:00.000Z');

describe('parseRetryAfterMs', () => {
  const rows: [string, string | string[] | undefined, number | undefined][] = [
    ['no header', undefined, undefined],
    ['seconds', '120', 120_000],
    ['zero', '0', 0],
    ['blanks around', ' 5 ', 5000],
    ['sent twice: the first counts', ['3', '9'], 3000],
    ['capped', '86400', MAX_RETRY_AFTER_MS],
    ['absurd number', '9999999999', MAX_RETRY_AFTER_MS],
    ['HTTP date', 'Sun, 01 Mar 2026 12:01:30 GMT', 90_000],
    ['HTTP date of RFC 850', 'Sunday, 01-Mar-26 12:00:10 GMT', 10_000],
    ['HTTP date in the past', 'Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['HTTP date far ahead is capped', 'Mon, 01 Mar 2027 12:00:00 GMT', MAX_RETRY_AFTER_MS],
    ['negative, which Date.parse takes for a date', '-5', undefined],
    ['fraction', '1.5', undefined],
    ['words', 'soon', undefined],
    ['a day and nonsense', 'Sun, whenever it may please', undefined],
    ['empty', '', undefined],
  ];
  it.each(rows)('%s', (_name, value, expected) => {
    expect(parseRetryAfterMs(value, now)).toBe(expected);
  });
});
