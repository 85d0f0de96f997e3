import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const REPOSITORY = new URL('../../../', import.meta.url);
const PACKAGES = readdirSync(new URL('packages/', REPOSITORY)).map((name) => `packages/${name}/`);
const PAGES = ['', 'docs/', 'docs/decisions/', 'docs/safety/', 'bench/', ...PACKAGES].flatMap((folder) =>
  readdirSync(new URL(folder, REPOSITORY))
    .filter((name) => name.endsWith('.md'))
    .map((name) => folder + name),
);

function read(page: string): string {
  return readFileSync(new URL(page, REPOSITORY), 'utf8');
}

/** Without blocks of code and code in a line, where brackets mean something else. */
function proseOf(page: string): string {
  return read(page)
    .replace(/^```.*?^```/gms, '')
    .replace(/`[^`\n]*`/g, '');
}

/** As GitHub makes them: lower case, blanks to hyphens, other punctuation left out; numbered when they repeat. */
function anchorsOf(page: string): Set<string> {
  const text = read(page).replace(/^```.*?^```/gms, '');
  const seen = new Map<string, number>();
  const anchors = [...text.matchAll(/^#{1,6} (.+)$/gm)].map((match) => {
    const anchor = (match[1] ?? '')
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    const earlier = seen.get(anchor) ?? 0;
    seen.set(anchor, earlier + 1);
    return earlier === 0 ? anchor : `${anchor}-${earlier}`;
  });
  return new Set(anchors);
}

/** What is wrong with a link from a page; `undefined` for a sound one, and for one that leaves the repository. */
function mistakeOf(page: string, link: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return undefined;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? new URL(page, REPOSITORY) : new URL(path, new URL(page, REPOSITORY));
  const file = fileURLToPath(target);
  if (!file.startsWith(fileURLToPath(REPOSITORY))) return 'leads out of the repository';
  if (!existsSync(file)) return 'no such file';
  if (anchor === undefined) return undefined;
  if (statSync(file).isDirectory()) return 'a folder has no anchors';
  return anchorsOf(file.slice(fileURLToPath(REPOSITORY).length)).has(anchor) ? undefined : 'no such heading';
}

const LINKS = PAGES.flatMap((page) =>
  [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => ({ page, link: match[1] ?? '' })),
);

test('the pages hold links', () => {
  expect(PAGES).toEqual(expect.arrayContaining(['README.md', 'docs/local.md']));
  expect(LINKS.length).toBeGreaterThan(50);
});

test.each(PAGES)('every link of %s leads somewhere', (page) => {
  const broken = LINKS.filter((link) => link.page === page).flatMap(({ link }) => {
    const mistake = mistakeOf(page, link);
    return mistake === undefined ? [] : [`${link}: ${mistake}`];
  });
  expect(broken).toEqual([]);
});

test.each(readdirSync(new URL('docs/', REPOSITORY)).filter((name) => name.endsWith('.md')))(
  'docs/%s can be reached from another page',
  (name) => {
    const isNamed = (page: string) => page !== `docs/${name}` && proseOf(page).includes(`${name}`);
    expect(PAGES.some(isNamed)).toBe(true);
  },
);

describe('the check itself', () => {
  test.each([
    ['a file that is not there', 'docs/nowhere.md', 'no such file'],
    ['a heading that is not there', 'docs/local.md#nowhere', 'no such heading'],
    ['a heading of the page itself that is not there', '#nowhere', 'no such heading'],
    ['a place outside', '../elsewhere.md', 'leads out of the repository'],
    ['an anchor of a folder', 'docs/#where', 'a folder has no anchors'],
    [
      'a heading with a number and an apostrophe',
      'docs/deployment.md#4-put-qures-credentials-into-each-sources-secret',
      undefined,
    ],
    ['another site', 'https://www.qure.ai', undefined],
  ])('%s', (_name, link, mistake) => {
    expect(mistakeOf('README.md', link)).toBe(mistake);
  });
});
