import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { readHazards, readRequirements, safetyFiles } from '../../../build/safety/safety-files.ts';
import { REQUIREMENT_ID, testTitles, titlesOf } from '../../../build/safety/test-titles.ts';

const REPOSITORY = new URL('../../../', import.meta.url);
const TITLES = testTitles();
const HAZARDS = readHazards();
const REQUIREMENTS = readRequirements();
const CONTROLS = HAZARDS.flatMap(({ id, controls }) =>
  controls.flatMap(({ says, tests }) => tests.map((proof) => ({ id, says, ...proof }))),
);

describe('the pages of the safety file', () => {
  test.each(Object.entries(safetyFiles()))('%s is current; `npm run safety` writes it', (name, text) => {
    expect(readFileSync(new URL(`docs/safety/${name}`, REPOSITORY), 'utf8')).toBe(text);
  });
});

describe('the hazards', () => {
  it('are H1 to H13, each once', () => {
    const ids = HAZARDS.map(({ id }) => id);
    expect(ids).toEqual(Array.from({ length: 13 }, (_, at) => `H${at + 1}`));
  });

  test.each(CONTROLS)('$id: the control "$says" has a test that runs: $title', ({ file, title }) => {
    expect(existsSync(new URL(file, REPOSITORY)), file).toBe(true);
    const found = TITLES.filter((one) => one.file === file && one.title === title);
    expect(found.map(({ runs }) => runs)).toContain(true);
    expect(found.every(({ runs }) => runs)).toBe(true);
  });

  it('name requirements that there are', () => {
    const named = HAZARDS.flatMap(({ controls }) => controls.flatMap(({ requirement }) => requirement ?? []));
    const known = new Set(REQUIREMENTS.map(({ id }) => id));
    expect(named.filter((id) => !known.has(id))).toEqual([]);
  });
});

describe('the requirements', () => {
  it('have ids that are given once', () => {
    const ids = REQUIREMENTS.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
  });

  test.each(REQUIREMENTS)('$id has a test that runs', ({ id }) => {
    const proofs = TITLES.filter(({ requirements }) => requirements.includes(id));
    expect(proofs.length).toBeGreaterThan(0);
    expect(proofs.every(({ runs }) => runs)).toBe(true);
  });

  it('are all those whose ids stand in the tests', () => {
    const known = new Set(REQUIREMENTS.map(({ id }) => id));
    const files = [...new Set(TITLES.map(({ file }) => file))].filter(
      (file) => file !== 'test/unit/docs/safety.test.ts',
    );
    const used = files.flatMap((file) =>
      [...readFileSync(new URL(file, REPOSITORY), 'utf8').matchAll(REQUIREMENT_ID)].map(([id]) => id),
    );
    expect(used.length).toBeGreaterThan(0);
    expect([...new Set(used)].filter((id) => !known.has(id))).toEqual([]);
    // An id anywhere but at the beginning of a title would be missing in the trace.
    const traced = TITLES.filter(({ file }) => files.includes(file)).flatMap(
      ({ requirements }) => requirements,
    );
    expect(traced.length).toBe(used.length);
  });
});

describe('the titles of a test file', () => {
  it.each([
    { code: `it('a title', () => {})`, title: 'a title', requirements: [], runs: true },
    { code: `test("it's", f)`, title: "it's", requirements: [], runs: true },
    { code: `it('it\\'s', f)`, title: "it's", requirements: [], runs: true },
    { code: `it.skip('left out', f)`, title: 'left out', requirements: [], runs: false },
    { code: `test.todo('later')`, title: 'later', requirements: [], runs: false },
    { code: `it.each([1, (2)])('row %i', f)`, title: 'row %i', requirements: [], runs: true },
    { code: `it.skip.each([1])('row %i', f)`, title: 'row %i', requirements: [], runs: false },
    { code: `{ name: 'a row', x: 1 }`, title: 'a row', requirements: [], runs: true },
  ])('$code', ({ code, ...found }) => {
    expect(titlesOf('f', code)).toEqual([{ file: 'f', ...found }]);
  });

  it('carry the ids of requirements in front', () => {
    const [first, second] = ['REQ-A-1', 'REQ-B-22'].map((id) => id.toLowerCase().toUpperCase());
    expect(titlesOf('f', `it('${first} ${second}: a title', f)`)).toMatchObject([
      { title: 'a title', requirements: [first, second] },
    ]);
  });
});
