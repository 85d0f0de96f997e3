import { expect, expectTypeOf, test } from 'vitest';
import { defined } from '../../../functions/shared/defined.ts';

const given: { name: string; size: number | undefined; kind?: 'a' | undefined; owner: string | null } = {
  name: 'one',
  size: undefined,
  owner: null,
};

test('leaves out what is undefined, and nothing else', () => {
  expect(Object.entries(defined(given))).toEqual([
    ['name', 'one'],
    ['owner', null],
  ]);
  expect(defined({ count: 0, text: '', isOn: false })).toEqual({ count: 0, text: '', isOn: false });
});

test('makes optional what may be undefined, and nothing else', () => {
  const taken = { ...defined(given) };
  expectTypeOf(taken).toEqualTypeOf<{ name: string; owner: string | null; size?: number; kind?: 'a' }>();
});
