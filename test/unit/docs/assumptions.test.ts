import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { FAULT_KINDS } from '../../simulation/faults.ts';
import { MUTATIONS } from '../../simulation/mutants/mutations.ts';

const REPOSITORY = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, REPOSITORY), 'utf8');

interface Entry {
  id: string;
  belief: string;
  /** What follows `- **If false:**`, `- **Code:**` and so on, by these names. */
  facts: Record<string, string>;
}

/** The entries of the page: a heading with the id, the belief, and a list of facts. */
function entriesOf(page: string): Entry[] {
  return page
    .replaceAll(/^## .*$/gm, '')
    .split(/^### /m)
    .slice(1)
    .map((entry) => {
      const [id = '', ...lines] = entry.split('\n');
      const [belief = '', ...facts] = lines.join(' ').split('- **');
      const named = facts.map((fact) => {
        const [, name = '', text = ''] = /^([A-Z][a-z ]+):\*\* (.*)$/.exec(fact) ?? [];
        expect(name, fact).not.toBe('');
        return [name, text.trim()];
      });
      return { id, belief: belief.trim(), facts: Object.fromEntries(named) };
    });
}

const ENTRIES = entriesOf(read('docs/assumptions.md'));

const SIMULATOR_FAULTS = Array.from(
  read('packages/qure-simulator/src/fault-rules.ts').matchAll(/kind: z\.literal\('([a-z_]+)'\)/g),
  ([, name = '']) => name,
);
/** What the bundled simulator can be told: its options, its dialect, its kinds of faults. */
const SIMULATOR = new Set([
  ...Array.from(
    read('packages/qure-simulator/src/simulator-options.ts').matchAll(/^ {2}([a-zA-Z]+)\??:/gm),
    ([, name = '']) => name,
  ),
  ...SIMULATOR_FAULTS,
]);
const KNOWN: Record<string, ReadonlySet<string>> = {
  Simulator: SIMULATOR,
  Fault: new Set<string>(FAULT_KINDS),
  Mutant: new Set(MUTATIONS.map(({ name }) => name)),
};

/** The names that a text has in back quotes. */
function namesIn(text: string): string[] {
  return Array.from(text.matchAll(/`([^`]+)`/g), ([, name = '']) => name);
}

describe('the page of assumptions', () => {
  it('has entries, each with an id of its own', () => {
    const ids = ENTRIES.map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(30);
    expect(ids).toEqual([...new Set(ids)]);
    expect(ids.filter((id) => !/^`[a-z0-9-]+`$/.test(id))).toEqual([]);
  });

  test.each(ENTRIES)('$id has the facts of its kind, and no other', ({ id, facts }) => {
    const simulator = id.startsWith('`qure-') ? ['Simulator'] : [];
    expect(Object.keys(facts)).toEqual(['If false', 'Code', ...simulator, 'Fault', 'Mutant']);
  });

  test.each(ENTRIES)('$id names files that exist', ({ facts }) => {
    const files = namesIn(facts['Code'] ?? '');
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !existsSync(new URL(file, REPOSITORY)))).toEqual([]);
  });

  test.each(ENTRIES)('$id states the belief, and what happens if it is false', ({ belief, facts }) => {
    expect(belief).not.toBe('');
    expect(facts['If false']).not.toBe('');
  });

  test.each(
    ENTRIES.flatMap(({ id, facts }) =>
      Object.entries(KNOWN).flatMap(([fact, known]) =>
        fact in facts ? [{ id, fact, text: facts[fact] ?? '', known }] : [],
      ),
    ),
  )('$id: its $fact exists, or the entry gives the reason why there is none yet', ({ text, known }) => {
    if (text.startsWith('none yet: ')) return;
    const names = namesIn(text);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  it('is completed by qure-simulator.md, which names every fault of the simulator', () => {
    const named = new Set(read('docs/qure-simulator.md').split('\n').flatMap(namesIn));
    expect(SIMULATOR_FAULTS.length).toBeGreaterThan(25);
    expect(SIMULATOR_FAULTS.filter((kind) => !named.has(kind))).toEqual([]);
  });

  it('has an entry for every fault that Qure and its links commit in the simulation', () => {
    const named = new Set(ENTRIES.flatMap(({ facts }) => namesIn(facts['Fault'] ?? '')));
    const ofQure = FAULT_KINDS.filter((kind) => /^(qure|asset)_/.test(kind));
    expect(ofQure.length).toBeGreaterThan(10);
    expect(ofQure.filter((kind) => !named.has(kind))).toEqual([]);
  });
});
