import { describe, expect, test, vi } from 'vitest';
import { countText, dateTime, plural } from '../../../console/shared/format.ts';

describe('a count', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [1_000, (1_000).toLocaleString()],
    [1_234_567, (1_234_567).toLocaleString()],
  ])('%i is written %s', (count, text) => {
    expect(countText(count)).toBe(text);
    expect(plural(count, 'study', 'studies')).toBe(`${text} studies`);
  });

  test('below a thousand does not load how numbers are written, which the first list would wait for', () => {
    const load = vi.spyOn(Number.prototype, 'toLocaleString');
    expect(plural(1, 'study', 'studies')).toBe('1 study');
    expect(load).not.toHaveBeenCalled();
    plural(1_000, 'study', 'studies');
    expect(load).toHaveBeenCalled();
    load.mockRestore();
  });
});

describe('a time', () => {
  test('is written as the reader writes it', () => {
    const at = '2026-03-01T10:00:00.000Z';
    const style = { dateStyle: 'medium', timeStyle: 'medium' } as const;
    expect(dateTime(at)).toBe(new Date(at).toLocaleString(undefined, style));
  });

  test('is empty where it is none', () => {
    expect(dateTime('soon')).toBe('');
  });
});
