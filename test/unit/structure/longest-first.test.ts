import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LONGEST } from '../../support/longest-first.ts';

test.each(LONGEST)('%s, which is begun first, is there', (file) => {
  expect(existsSync(new URL(`../../../${file}`, import.meta.url))).toBe(true);
});
