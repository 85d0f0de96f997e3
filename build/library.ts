import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { NODE_BUNDLE } from '../infra/bundle.ts';

/** The oldest Node of `engines` in package.json, which can also `require` an ES module. */
export const LEAST_NODE = 'node20.19';

/** CommonJS gets what only ES modules have. */
const FORMATS = {
  esm: {},
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
    ...NODE_BUNDLE,
    target: LEAST_NODE,
    format,
    ...FORMATS[format],
    minify: false,
    keepNames: false,
    external: ['aws-cdk-lib', 'constructs'],
  });
  return Object.keys(metafile.inputs);
}
