import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { FunctionName } from './function-names.ts';

/**
 * The code of a function as `npm run build` has bundled it. The package brings these bundles along: `dist/` is the
 * neighbour of this folder in a clone, and of the library's own file in the package, so one path serves both.
 *
 * @throws Error where there is no bundle, which is only so in a clone that was not built
 */
export function prebuiltCode(name: FunctionName): Code {
  const folder = fileURLToPath(new URL(`../dist/functions/${name}/`, import.meta.url));
  if (existsSync(folder)) return Code.fromAsset(folder);
  throw new Error(
    `Expected the bundle of the function ${name} in ${folder}. Run npm run build, or give codeFor a code of your own.`,
  );
}
