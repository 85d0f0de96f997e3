import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const REPOSITORY = new URL('../../../', import.meta.url).pathname;

/** The text of each call of a log, from `log(` to its closing parenthesis. */
function logCalls(text: string): string[] {
  return [...text.matchAll(/\blog\(/g)].map(({ index }) => {
    let depth = 0;
    for (let at = index; at < text.length; at += 1) {
      if (text[at] === '(') depth += 1;
      if (text[at] === ')') depth -= 1;
      if (depth === 0 && text[at] === ')') return text.slice(index, at + 1);
    }
    return text.slice(index);
  });
}

const calls = globSync('functions/**/*.ts', { cwd: REPOSITORY }).flatMap((path) =>
  logCalls(readFileSync(REPOSITORY + path, 'utf8')).map((call) => ({ path, call })),
);

test('finds the calls of log', () => {
  expect(calls.length).toBeGreaterThan(25);
  expect(calls.filter(({ call }) => call.includes('seriesInstanceUid')).length).toBeGreaterThan(4);
});

test('every log line about a series has its source, which the correlation id needs', () => {
  const lacking = calls.filter(({ call }) => /\bseriesInstanceUid\b/.test(call) && !/\bsource\b/.test(call));
  expect(lacking).toEqual([]);
});
