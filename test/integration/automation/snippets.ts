import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = new URL('../../../', import.meta.url);

export interface Snippet {
  /** As the first line of the block says; those without are numbered. */
  name: string;
  text: string;
}

/** The blocks of code of docs/automation.md, in their order. */
export function snippetsOf(language: 'ts' | 'yaml'): Snippet[] {
  const page = readFileSync(new URL('docs/automation.md', REPOSITORY), 'utf8');
  const blocks = [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))];
  return blocks.map(([, text = ''], at) => ({
    name: /^(?:\/\/|#) (\S+\.\w+)\n/.exec(text)?.[1] ?? `block-${at}.${language}`,
    text,
  }));
}

/**
 * Writes the snippets where packages are found as in an app of its own; `qure-dropoff` is this repository's own library entry.
 * The folder is in `dist/`, which is not in git; whoever calls takes it away.
 */
export function writeSnippets(snippets: readonly Snippet[]): string {
  const parent = fileURLToPath(new URL('dist/', REPOSITORY));
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'automation-'));
  for (const { name, text } of snippets) {
    writeFileSync(join(folder, name), text.replaceAll("'qure-dropoff';", "'../../infra/index.ts';"));
  }
  const compilerOptions = {
    target: 'es2025',
    lib: ['es2025'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    noUnusedLocals: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    skipLibCheck: true,
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, include: snippets.map(({ name }) => name) }),
  );
  return folder;
}

/** What the compiler says of a folder; empty when it is content. */
export async function typeMistakesIn(folder: string): Promise<string> {
  const compiler = join(dirname(fileURLToPath(import.meta.resolve('typescript/package.json'))), 'bin/tsc');
  return new Promise((done) => {
    execFile(process.execPath, [compiler, '-p', folder], (_error, stdout, stderr) => done(stdout + stderr));
  });
}
