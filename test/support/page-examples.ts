import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = new URL('../../', import.meta.url);

/** A block of code of a page of the documentation. */
export interface PageExample {
  /** As its first line says (`// audit.ts`, `# audit.yaml`); those that say none are numbered: `example-1.ts`. */
  name: string;
  text: string;
}

/** The blocks of one language on a page, for example of `docs/automation.md`, in their order. */
export function examplesOf(page: string, language: string): PageExample[] {
  const text = readFileSync(new URL(page, REPOSITORY), 'utf8');
  const blocks = [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))];
  return blocks.map(([, block = ''], at) => ({
    name: /^(?:\/\/|#) (\S+\.\w+)\n/.exec(block)?.[1] ?? `example-${at + 1}.${language}`,
    text: block,
  }));
}

/**
 * Writes examples where packages are found as in an app of its own: below the repository, in `dist/`, which is never committed. Whoever
 * calls takes the folder away.
 *
 * @param library what the examples import as `qure-dropoff`, from the root of the repository
 * @param strictness compiler options beyond those of the CDK's own template for apps
 */
export function writeExamples(
  examples: readonly PageExample[],
  library: string,
  strictness: { noUnusedLocals?: boolean } = {},
): string {
  const parent = fileURLToPath(new URL('dist/', REPOSITORY));
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'examples-'));
  for (const { name, text } of examples) {
    const source = text.replaceAll(/(?<=from )'qure-dropoff'/g, `'../../${library}'`);
    writeFileSync(join(folder, name), name.endsWith('.ts') ? `${source}\nexport {};\n` : source);
  }
  const compilerOptions = {
    // The types of the CDK do not hold under it.
    exactOptionalPropertyTypes: false,
    noUnusedLocals: false,
    ...strictness,
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: ['*.ts'] }),
  );
  return folder;
}

/** What the compiler says of such a folder; empty when it is content. */
export async function typeMistakesIn(folder: string): Promise<string> {
  const compiler = fileURLToPath(new URL('node_modules/typescript/bin/tsc', REPOSITORY));
  return new Promise((done) => {
    execFile(process.execPath, [compiler, '-p', folder], (error, stdout, stderr) =>
      // A compiler that did not run has said nothing and is not content.
      done(stdout + stderr || (error?.message ?? '')),
    );
  });
}
