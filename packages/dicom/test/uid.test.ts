import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isValidUid } from '../src/uid.ts';

describe('isValidUid', () => {
  it.each<[string, string, boolean]>([
    ['a usual one', '1.2.840.10008.5.1.4.1.1.2', true],
    ['one component', '2', true],
    ['64 characters', `1.${'2'.repeat(62)}`, true],
    ['65 characters', `1.${'2'.repeat(63)}`, false],
    ['80 digits', '1'.repeat(80), false],
    ['a leading zero, which real devices send', '1.2.03.4', true],
    ['nothing', '', false],
    ['a dot at the end', '1.2.', false],
    ['a dot at the start', '.1.2', false],
    ['an empty component', '1..2', false],
    ['a letter', '1.2.a', false],
    ['a path', '../../x?y=1', false],
    ['HTML', '<b>1.2</b>', false],
    ['a blank at the end', '1.2 ', false],
    ['a NUL at the end', '1.2\0', false],
    ['a line feed at the end', '1.2\n', false],
    ['digits of another script', '١.٢', false],
  ])('%s', (_name, value, isValid) => {
    expect(isValidUid(value)).toBe(isValid);
  });

  it('lets nothing through that means something in a key, a path or a URL', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(isValidUid(text)).toBe(
          text.length <= 64 && encodeURIComponent(text) === text && isPlain(text),
        );
      }),
    );
  });
});

function isPlain(text: string): boolean {
  return text.split('.').every((part) => part !== '' && [...part].every((c) => c >= '0' && c <= '9'));
}
