import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A workspace of this repository, in quotes. */
const OWN_PACKAGE = /(['"])(@qure-dropoff\/[^'"]+)\1/g;

/** Packages that an app of the CDK has anyway. */
const PEERS = /^(?:aws-cdk-lib|constructs|node:[a-z]+)(?:\/|$)/;

/** `exports` of package.json names both. */
export const TYPE_FOLDERS = { module: 'types', commonjs: 'types-commonjs' } as const;

/**
 * Writes the types of the library, file by file, with their folders; only those that an importer can come to. Their imports
 * keep the ending `.ts`, which TypeScript resolves to the declaration beside it.
 *
 * Twice: an app in CommonJS may not import the declarations of an ES module under `module: node16` (TS1479), although the Node
 * that it runs on can require the module itself.
 *
 * @throws Error with what the compiler said, or for a type of a package that an app need not have
 */
export function writeDeclarations(repository: string, outDir: string): void {
  const all = mkdtempSync(join(outDir, '.types-'));
  try {
    emitAll(repository, all);
    for (const [path, text] of reachableFrom(join(all, 'infra', 'index.d.ts'), repository, all)) {
      for (const folder of Object.values(TYPE_FOLDERS)) {
        const copy = join(outDir, folder, relative(all, path));
        mkdirSync(dirname(copy), { recursive: true });
        writeFileSync(copy, text);
      }
    }
    writeFileSync(join(outDir, TYPE_FOLDERS.commonjs, 'package.json'), '{ "type": "commonjs" }\n');
  } finally {
    rmSync(all, { recursive: true });
  }
}

function emitAll(repository: string, outDir: string): void {
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  const project = join(repository, 'build', 'tsconfig.json');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(typescript, 'bin', 'tsc'), '--project', project, '--outDir', outDir],
    { encoding: 'utf8' },
  );
  if (status === 0) return;
  throw new Error(`Expected the declarations of infra/index.ts, but tsc said:\n${stdout}${stderr}`);
}

/**
 * The compiler also writes those of every file that only code imports. What one of them takes from a package of this repository
 * is in the library under its path: an app does not have the package.
 *
 * @returns the text of each declaration, by its path
 */
function reachableFrom(entry: string, repository: string, all: string): Map<string, string> {
  const reached = new Map([[entry, '']]);
  for (const path of reached.keys()) {
    const text = readFileSync(path, 'utf8').replaceAll(OWN_PACKAGE, (_all, quote: string, name: string) => {
      const source = join(all, relative(repository, fileURLToPath(import.meta.resolve(name))));
      const target = relative(dirname(path), source).replaceAll('\\', '/');
      return `${quote}${target.startsWith('.') ? target : `./${target}`}${quote}`;
    });
    reached.set(path, text);
    for (const [, target = ''] of text.matchAll(/(?:from |import\(|^import )['"]([^'"]+)['"]/gm)) {
      const declared = join(dirname(path), target.replace(/\.ts$/, '.d.ts'));
      if (target.startsWith('.')) reached.set(declared, reached.get(declared) ?? '');
      else if (!PEERS.test(target)) {
        throw new Error(
          `Expected types of the CDK and of Node alone in ${path}, but it imports ${target}. Name the type in words of its own.`,
        );
      }
    }
  }
  return reached;
}
