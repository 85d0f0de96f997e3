import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const REPOSITORY = new URL('../../../', import.meta.url);
const MAX_CELL_WORDS = 30;
const KINDS = ['Tutorial', 'How-to', 'Runbook', 'Reference', 'Explanation'];

const DOCUMENTS = readdirSync(new URL('docs/', REPOSITORY))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);
const PACKAGES = readdirSync(new URL('packages/', REPOSITORY)).map((name) => `packages/${name}/README.md`);
const PAGES = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...DOCUMENTS, ...PACKAGES];

/** The lines of a page without blocks of code. */
function linesOf(page: string): string[] {
  return readFileSync(new URL(page, REPOSITORY), 'utf8')
    .replace(/^```.*?^```/gms, '')
    .split('\n')
    .filter((line) => !line.startsWith('    '));
}

test.each(PAGES)('%s has no paragraph in a table cell', (page) => {
  const cells = linesOf(page)
    .filter((line) => line.startsWith('|'))
    .flatMap((line) => line.split('|'));
  expect(cells.filter((cell) => cell.trim().split(/\s+/).length > MAX_CELL_WORDS)).toEqual([]);
});

test.each(DOCUMENTS)('%s begins with its kind and its readers', (page) => {
  const [, introduction = ''] = linesOf(page).join('\n').split(/\n\n+/);
  expect(KINDS.some((kind) => introduction.startsWith(kind))).toBe(true);
});
