import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { REQUIRE_BANNER } from '../infra/bundle.ts';

/** Each gives the code what only the other format has. */
const FORMATS = {
  esm: { banner: { js: REQUIRE_BANNER } },
  cjs: {
    banner: { js: "const urlOfBundle = require('node:url').pathToFileURL(__filename).href;" },
    define: { 'import.meta.url': 'urlOfBundle' },
  },
};

/**
 * Bundles the construct library into one file that can be read and debugged. The CDK stays outside: a construct has to be of
 * the same CDK as the app that it is put into. Whatever else it needs is taken in, so that an app gets no other package by it.
 *
 * @param format that of the file; the runtime of jsii loads CommonJS
 * @returns the files that went in, relative to the repository
 */
export function bundleLibrary(
  repository: string,
  outDir: string,
  format: keyof typeof FORMATS = 'esm',
): string[] {
  const { metafile } = buildSync({
    entryPoints: [join(repository, 'infra', 'index.ts')],
    outfile: join(outDir, 'index.js'),
    absWorkingDir: repository,
    bundle: true,
    platform: 'node',
    // The oldest Node that can also `require` an ES module; see `engines` of package.json.
    target: 'node20.19',
    format,
    mainFields: ['module', 'main'],
    ...FORMATS[format],
    external: ['aws-cdk-lib', 'constructs'],
    charset: 'utf8',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  return Object.keys(metafile.inputs);
}
