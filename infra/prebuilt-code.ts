import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { FunctionName } from './function-names.ts';

/**
 * The code of a function as `npm run build` has bundled it. The package contains these bundles. `dist/` is beside this
 * folder in a clone, and the library's own file is in `dist/` of the package, so one path is right for both.
 *
 * @throws Error if there is no bundle, which only happens in a clone without a build
 */
export function prebuiltCode(name: FunctionName): Code {
  const folder = fileURLToPath(new URL(`../dist/functions/${name}/`, import.meta.url));
  if (existsSync(folder)) return Code.fromAsset(folder);
  throw new Error(
    `Expected the bundle of the function ${name} in ${folder}. Run npm run build, or set codeFor to your own code.`,
  );
}
