/** The result of a benchmark: a table, and notes that explain it. */
export interface Findings {
  title: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
  notes: readonly string[];
}

export interface Benchmark {
  /** For `npm run bench -- <name>`. */
  name: string;
  run(): Promise<Findings[]>;
}

/** As Markdown, aligned, so that it can be read on a terminal and pasted into docs/benchmarks.md. */
export function formatFindings({ title, columns, rows, notes }: Findings): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_column, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const format = (line: readonly string[]) =>
    `| ${widths.map((width, at) => pad(line[at] ?? '', width, at)).join(' | ')} |`;
  const rule = `|${widths.map((width, at) => (at === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  const table = [format(columns), rule, ...rows.map(format)];
  return [`### ${title}`, '', ...table, '', ...notes.map((note) => `- ${note}`), ''].join('\n');
}

/** The first column names the row; the others are numbers. */
function pad(text: string, width: number, column: number): string {
  return column === 0 ? text.padEnd(width) : text.padStart(width);
}
