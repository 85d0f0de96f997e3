import { cleanText } from '../../local/progress/terminal-text.ts';

const GAP = '  ';

/** Lines of a table with a heading. Control characters of a terminal are removed from texts. */
export function textTable(heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const cells = [heading, ...rows.map((row) => row.map((cell) => cleanText(cell) || '-'))];
  const widths = heading.map((_title, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}
