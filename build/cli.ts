import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { REQUIRE_BANNER } from '../infra/bundle.ts';

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
    bundle: true,
    splitting: true,
    platform: 'node',
    // The oldest Node of `engines` in package.json.
    target: 'node20.19',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE_BANNER },
    minify: true,
    // Code distinguishes errors by their names, which minification would change.
    keepNames: true,
    charset: 'utf8',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  return Object.keys(metafile.inputs);
}
