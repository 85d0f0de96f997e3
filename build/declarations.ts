import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

/** Packages that an app of the CDK has anyway. */
const PEERS = /^(?:aws-cdk-lib|constructs|node:[a-z]+)(?:\/|$)/;

/**
 * Writes the types of the library, file by file, with their folders; only those that an importer can come to. Their imports
 * keep the ending `.ts`, which TypeScript resolves to the declaration beside it.
 *
 * @throws Error with what the compiler said, or for a type of a package that an app need not have
 */
export function writeDeclarations(repository: string, outDir: string): void {
  const all = mkdtempSync(join(outDir, '.types-'));
  try {
    emitAll(repository, all);
    for (const path of reachableFrom(join(all, 'infra', 'index.d.ts'))) {
      cpSync(path, join(outDir, 'types', relative(all, path)));
    }
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

/** The compiler also writes those of every file that only code imports. */
function reachableFrom(entry: string): Set<string> {
  const reached = new Set([entry]);
  for (const path of reached) {
    for (const [, target = ''] of readFileSync(path, 'utf8').matchAll(
      /(?:from |import\(|^import )['"]([^'"]+)['"]/gm,
    )) {
      if (target.startsWith('.')) reached.add(join(dirname(path), target.replace(/\.ts$/, '.d.ts')));
      else if (!PEERS.test(target)) {
        throw new Error(
          `Expected types of the CDK and of Node alone in ${path}, but it imports ${target}. Name the type in words of its own.`,
        );
      }
    }
  }
  return reached;
}
