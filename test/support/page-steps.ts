import { readFileSync } from 'node:fs';

const REPOSITORY = new URL('../../', import.meta.url);

/** One fenced block of a page, in the order of the page. */
export type PageStep =
  /** Commands for a shell. `expected`: what the `text` or `json` block after it shows, if there is one. */
  | { kind: 'commands'; text: string; line: number; expected?: string }
  /** A file that the reader makes: its first line is a comment with the name. */
  | { kind: 'file'; name: string; text: string; line: number };

const BLOCK = /^```(\w+)\n(.*?)^```$/gms;
/** `# sites.yaml`, `// pager.mjs` */
const FILE_NAME = /^(?:#|\/\/) ([\w-]+\.\w+)\n/;

/**
 * What a reader of a page does: `sh` blocks are run, and other blocks that name a file are written. A `text` or `json`
 * block right after commands shows their output.
 *
 * @throws Error for a block that is none of these
 */
export function stepsOf(page: string): PageStep[] {
  const text = readFileSync(new URL(page, REPOSITORY), 'utf8');
  const steps: PageStep[] = [];
  for (const { 1: language = '', 2: content = '', index } of text.matchAll(BLOCK)) {
    const line = text.slice(0, index).split('\n').length;
    const name = FILE_NAME.exec(content)?.[1];
    const last = steps.at(-1);
    if (language === 'sh') steps.push({ kind: 'commands', text: content, line });
    else if (name !== undefined) steps.push({ kind: 'file', name, text: content, line });
    else if ((language === 'text' || language === 'json') && last?.kind === 'commands')
      last.expected = content;
    else throw new Error(`${page}:${line}: expected commands, their output, or a file with its name`);
  }
  return steps;
}

/** Whether an output has the pieces of the expected one in their order; `…` stands for anything, and any blank for blanks. */
export function isShownBy(expected: string, output: string): boolean {
  const plain = (text: string) => text.replace(/\s+/g, ' ').trim();
  let rest = plain(output);
  return expected.split('…').every((piece) => {
    const at = rest.indexOf(plain(piece));
    if (at < 0) return false;
    rest = rest.slice(at + plain(piece).length);
    return true;
  });
}
