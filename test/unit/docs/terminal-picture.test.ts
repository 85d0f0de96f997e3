import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const SVG = readFileSync(new URL('../../../docs/images/terminal.svg', import.meta.url), 'utf8');

/** The lines of the terminal: what has the same height, from left to right. */
function linesOf(svg: string): string[] {
  const lines = new Map<string, string[]>();
  for (const [, y = '', text = ''] of svg.matchAll(/ y="(\d+)"[^>]*>([^<]+)<\/text>/g))
    lines.set(y, [...(lines.get(y) ?? []), text]);
  return [...lines.values()].map((parts) => parts.join('  '));
}

test('the picture of the terminal shows a run as it is: each result is marked, and the end says where results are', () => {
  const lines = linesOf(SVG);
  const done = lines.filter((line) => line.startsWith('DONE'));
  expect(done).toHaveLength(8);
  for (const line of done) expect(line).toContain('SIMULATED');
  expect(lines).toContainEqual(expect.stringMatching(/^DONE {2}qER .*SIMULATED, critical$/));
  expect(lines).toContainEqual(expect.stringMatching(/^Prepares: /));
  expect(lines).toContainEqual(expect.stringMatching(/^Results: kept in \.local/));
});

test('it needs no viewer that keeps several blanks', () => {
  expect(SVG).not.toMatch(/>[^<]* {2}[^<]*<\/text>/);
});
