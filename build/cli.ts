import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { NODE_BUNDLE } from '../infra/bundle.ts';
import { LEAST_NODE } from './library.ts';

/**
 * Bundles the command line with all that it needs, so that an app gets no other package by it. Parts that only some commands
 * use, such as clients of AWS, are files of their own beside `main.js`: a command that does not call AWS loads none.
 *
 * @returns the files that went in, relative to the repository
 */
export function bundleCli(repository: string, outDir: string): string[] {
  const outdir = join(outDir, 'cli');
  // The names of the parts hold a hash, so those of an earlier build would stay.
  rmSync(outdir, { recursive: true, force: true });
  const { metafile } = buildSync({
    entryPoints: [join(repository, 'cli', 'main.ts')],
    outdir,
    absWorkingDir: repository,
    ...NODE_BUNDLE,
    splitting: true,
    target: LEAST_NODE,
  });
  return Object.keys(metafile.inputs);
}
