import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const ROOT = new URL('../../../', import.meta.url);
const FILES = globSync('functions/**/*.ts', { cwd: ROOT });

test('every client of AWS has limits for its requests', () => {
  const made = FILES.flatMap((file) =>
    [...readFileSync(new URL(file, ROOT), 'utf8').matchAll(/new \w+Client\(([^()]*)\)/g)].map(
      ([made, options = '']) => ({ file, made, isLimited: options.includes('requestHandler') }),
    ),
  );
  expect(made.length).toBeGreaterThan(20);
  expect(made.filter(({ isLimited }) => !isLimited)).toEqual([]);
});
