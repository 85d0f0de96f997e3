import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { FAULT_KINDS } from '../../simulation/faults.ts';
import { MUTATIONS } from '../../simulation/teeth/mutations.ts';

const REPOSITORY = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, REPOSITORY), 'utf8');

interface Row {
  id: string;
  cells: Record<string, string>;
}

/** The rows of all tables of the page, by the names of their columns. */
function rowsOf(page: string): Row[] {
  const rows: Row[] = [];
  let columns: string[] = [];
  for (const line of page.split('\n')) {
    if (!line.startsWith('|')) columns = [];
    else if (columns.length === 0) columns = cellsOf(line);
    else if (!/^\|[-|]+$/.test(line)) {
      const cells = cellsOf(line);
      expect(cells, line).toHaveLength(columns.length);
      const byColumn = Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? '']));
      rows.push({ id: byColumn['id'] ?? '', cells: byColumn });
    }
  }
  return rows;
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, line.lastIndexOf('|'))
    .split('|')
    .map((cell) => cell.trim());
}

const ROWS = rowsOf(read('docs/assumptions.md'));

const SIMULATOR_FAULTS = Array.from(
  read('local/qure-simulator/fault-rules.ts').matchAll(/kind: z\.literal\('([a-z_]+)'\)/g),
  ([, name = '']) => name,
);
/** What the bundled simulator can be told: its options, its dialect, its kinds of faults. */
const SIMULATOR = new Set([
  ...Array.from(
    read('local/qure-simulator/simulator-options.ts').matchAll(/^ {2}([a-zA-Z]+)\??:/gm),
    ([, name = '']) => name,
  ),
  ...SIMULATOR_FAULTS,
]);
const KNOWN: Record<string, ReadonlySet<string>> = {
  simulator: SIMULATOR,
  fault: new Set<string>(FAULT_KINDS),
  mutant: new Set(MUTATIONS.map(({ name }) => name)),
};

/** The names that a cell has in back quotes. */
function namesIn(cell: string): string[] {
  return Array.from(cell.matchAll(/`([^`]+)`/g), ([, name = '']) => name);
}

describe('the page of assumptions', () => {
  it('has rows, each with an id of its own', () => {
    const ids = ROWS.map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(30);
    expect(ids).toEqual([...new Set(ids)]);
    expect(ids.filter((id) => !/^`[a-z0-9-]+`$/.test(id))).toEqual([]);
  });

  test.each(ROWS)('$id names files that exist', ({ cells }) => {
    const files = namesIn(cells['the code leans on it in'] ?? '');
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !existsSync(new URL(file, REPOSITORY)))).toEqual([]);
  });

  test.each(ROWS)('$id says what is believed, and what happens otherwise', ({ cells }) => {
    expect(cells['belief']).not.toBe('');
    expect(cells['when it is false']).not.toBe('');
  });

  test.each(
    ROWS.flatMap(({ id, cells }) =>
      Object.entries(KNOWN).flatMap(([column, known]) =>
        column in cells ? [{ id, column, cell: cells[column] ?? '', known }] : [],
      ),
    ),
  )('$id: its $column exists, or the row says why there is none yet', ({ cell, known }) => {
    if (cell.startsWith('none yet: ')) return;
    const names = namesIn(cell);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  it('is followed by the list of faults of the simulator in qure-simulator.md, which names every one', () => {
    const named = new Set(read('docs/qure-simulator.md').split('\n').flatMap(namesIn));
    expect(SIMULATOR_FAULTS.length).toBeGreaterThan(25);
    expect(SIMULATOR_FAULTS.filter((kind) => !named.has(kind))).toEqual([]);
  });

  it('has a row for every fault that Qure and its links commit in the simulation', () => {
    const named = new Set(ROWS.flatMap(({ cells }) => namesIn(cells['fault'] ?? '')));
    const ofQure = FAULT_KINDS.filter((kind) => /^(qure|asset)_/.test(kind));
    expect(ofQure.length).toBeGreaterThan(10);
    expect(ofQure.filter((kind) => !named.has(kind))).toEqual([]);
  });
});
