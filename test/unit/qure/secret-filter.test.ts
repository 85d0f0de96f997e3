import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSecretFilter } from '../../../functions/qure/client/secret-filter.ts';

describe('createSecretFilter', () => {
  const rows: [string, string, string, string][] = [
    ['as it is', 'secret-0123', 'no Token secret-0123!', 'no Token [token]!'],
    ['twice', 'secret-0123', 'secret-0123,secret-0123', '[token],[token]'],
    ['in capitals', 'secret-0123', 'https://SECRET-0123.example', 'https://[token].example'],
    ['percent-encoded', 'secret/0123', '?next=secret%2F0123', '?next=[token]'],
    ['by escapes of JSON', 'secret/0123', '{"a":"\\u0073ecret\\/0123"}', '{"a":"[token]"}'],
    [
      'with characters that patterns mean something by',
      'a.b*c(d)[e',
      'a.b*c(d)[e axb*c(d)[e',
      '[token] axb*c(d)[e',
    ],
    ['too short to be told from words', 'image', 'an image', 'an image'],
  ];
  it.each(rows)('%s', (_name, secret, text, expected) => {
    expect(createSecretFilter(secret)(text)).toBe(expected);
  });

  it('leaves no text with the secret in it, whatever JSON or URL says it', () => {
    const secret = fc.string({ unit: 'grapheme-ascii', minLength: 8, maxLength: 50 });
    fc.assert(
      fc.property(secret, fc.string(), (hidden, around) => {
        fc.pre(!'[token]'.includes(hidden.toLowerCase()));
        const filter = createSecretFilter(hidden);
        const text = JSON.parse(filter(JSON.stringify({ message: around + hidden }))) as { message: string };
        expect(text.message.endsWith(hidden)).toBe(false);
        expect(filter(encodeURIComponent(hidden))).toBe('[token]');
      }),
    );
  });
});
