import { cleanText } from '../../local/progress/terminal-text.ts';

const NAME_COLUMNS = 13;

/** `name: value`, a line each; those without a value are left out. Control characters of a terminal are removed. */
export function fieldLines(
  fields: readonly (readonly [name: string, value: string | undefined])[],
): string[] {
  return fields.flatMap(([name, value = '']) =>
    value === '' ? [] : [`${`${name}:`.padEnd(NAME_COLUMNS)} ${cleanText(value)}`],
  );
}

/** A heading with a line each below it; nothing where there are none. */
export function listLines(name: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${name}:`, ...lines.map((line) => `  ${cleanText(line)}`)];
}
