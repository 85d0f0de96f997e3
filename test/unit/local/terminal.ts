import type { TerminalStream } from '../../../local/progress/progress.ts';

/**
 * A terminal that understands what progress writes: text, line feeds, cursor up, erase to the end of the screen,
 * colours, and hiding the cursor. It wraps long lines, and wraps them anew when it is resized, as terminals do.
 */
export class Terminal implements TerminalStream {
  readonly isTTY: boolean;
  columns: number;
  rows: number;
  written = '';
  isCursorHidden = false;
  #lines: string[] = [''];

  constructor({ isTTY = true, columns = 80, rows = 24 } = {}) {
    this.isTTY = isTTY;
    this.columns = columns;
    this.rows = rows;
  }

  resize(columns: number): void {
    this.columns = columns;
    this.#lines = this.#lines.flatMap((line) => wrap(line, columns));
  }

  write(text: string): void {
    this.written += text;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this reads.
    for (const token of text.match(/\x1b\[[?\d;]*[A-Za-z]|\n|\r|[^\x1b\n\r]+/g) ?? []) this.#take(token);
  }

  /** Without the empty line that the cursor stands on. */
  screen(): string[] {
    return this.#lines.at(-1) === '' ? this.#lines.slice(0, -1) : this.#lines;
  }

  #take(token: string): void {
    const up = /^\[(\d+)A$/.exec(token.slice(1));
    if (up !== null) {
      // Only ever followed by erasing, so the lines below can go at once.
      this.#lines = [...this.#lines.slice(0, Math.max(0, this.#lines.length - 1 - Number(up[1]))), ''];
    } else if (token === '\n') {
      const line = this.#lines.pop() ?? '';
      this.#lines.push(...wrap(line, this.columns), '');
    } else if (token === '\x1b[?25l') {
      this.isCursorHidden = true;
    } else if (token === '\x1b[?25h') {
      this.isCursorHidden = false;
    } else if (!token.startsWith('\x1b') && token !== '\r') {
      this.#lines.push(`${this.#lines.pop() ?? ''}${token}`);
    }
  }
}

/** CJK takes two columns. */
function wrap(line: string, columns: number): string[] {
  const rows: string[] = [''];
  let used = 0;
  for (const character of line) {
    const width = /[\u3000-\u9fff]/.test(character) ? 2 : 1;
    if (used + width > columns) {
      rows.push('');
      used = 0;
    }
    rows[rows.length - 1] += character;
    used += width;
  }
  return rows;
}
