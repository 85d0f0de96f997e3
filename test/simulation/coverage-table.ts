import { type Coverage, coverageKey } from './fault-plan.ts';
import { FAULT_KINDS, FAULT_PLACES, FAULTS, STAGES } from './faults.ts';

/** Adds what another run exercised. */
export function addCoverage(into: Coverage, from: Iterable<readonly [string, number]>): void {
  for (const [key, times] of from) into.set(key, (into.get(key) ?? 0) + times);
}

/** Places of the table at which a fault never happened. */
export function emptyPlaces(coverage: Coverage): string[] {
  return FAULT_PLACES.map(({ kind, stage }) => coverageKey(kind, stage)).filter((key) => !coverage.has(key));
}

/** Faults by stages; a dot where a fault cannot befall a stage, `NEVER` where it could and did not. */
export function coverageTable(coverage: Coverage): string {
  const head = ['fault', ...STAGES, 'what happened'];
  const rows = FAULT_KINDS.map((kind) => {
    const stages: readonly string[] = FAULTS[kind].stages;
    const cells = STAGES.map((stage) => {
      if (!stages.includes(stage)) return '·';
      const times = coverage.get(coverageKey(kind, stage));
      return times === undefined ? 'NEVER' : String(times);
    });
    return [kind, ...cells, FAULTS[kind].says];
  });
  const widths = head.map((_title, at) => Math.max(...[head, ...rows].map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => {
        const width = widths[at] ?? 0;
        const isText = at === 0 || at === row.length - 1;
        return isText ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)].join('\n');
}

/** States that series entered, and what was given up: that faults really lead where they should. */
export function outcomeTable(outcomes: ReadonlyMap<string, number>): string {
  const rows = [...outcomes].sort(([a], [b]) => (a < b ? -1 : 1));
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, times]) => `${name.padEnd(width)}  ${times}`).join('\n');
}
