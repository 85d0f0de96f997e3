import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import type { Findings } from '../../bench/benchmark.ts';
import { cost } from '../../bench/cost/cost.ts';

/** A row of the table grows by some bytes now and then; the page is to be written anew when it is wrong by more. */
const TOLERANCE = 0.05;
/** US$, and parts of a unit. */
const ROUNDING = 0.021;

const PAGE = readFileSync(new URL('../../docs/costs.md', import.meta.url), 'utf8');
let findings: Findings[];
beforeAll(async () => {
  findings = await cost.run();
});

it('docs/costs.md has the tables of npm run bench -- cost, within 5 %', () => {
  expect(findings.length).toBeGreaterThan(8);
  for (const { title, rows } of findings) {
    const documented = tableBelow(title);
    expect(
      documented.map(([name]) => name),
      title,
    ).toEqual(rows.map(([name]) => name));
    for (const [row, [name = '', ...cells]] of rows.entries())
      cells.forEach((cell, at) => {
        const written = documented[row]?.[at + 1] ?? '';
        expect(isSame(written, cell), `${title}: ${name}: the page says ${written}, counted is ${cell}`).toBe(
          true,
        );
      });
  }
});

it('a CT in one zip costs at most $0.40 of requests for 1,000, deflated or stored', () => {
  const archives = findings.find(({ title }) => title.startsWith('A CT as one archive'));
  const together = archives?.rows.find(([name]) => name === 'requests together') ?? [];
  expect(together).toHaveLength(4);
  for (const cell of together.slice(2)) expect(Number(cell)).toBeLessThanOrEqual(0.4);
});

function tableBelow(title: string): string[][] {
  const section = PAGE.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function isSame(written: string, counted: string): boolean {
  const [one, other] = [written, counted].map((text) => Number(text.replaceAll(',', '')));
  if (one === undefined || other === undefined || Number.isNaN(one) || Number.isNaN(other))
    return written === counted;
  return Math.abs(one - other) <= Math.max(ROUNDING, TOLERANCE * other, Number.isInteger(other) ? 1 : 0);
}
