import { Code } from 'aws-cdk-lib/aws-lambda';
import { bundleFunctions } from './bundle.ts';
import { FUNCTION_NAMES, type FunctionName } from './function-names.ts';

/** The code of each function, bundled now from the sources of this clone. Earlier bundles are not used. */
export async function bundledCode(): Promise<(name: FunctionName) => Code> {
  const folders = await bundleFunctions(FUNCTION_NAMES);
  return (name) => Code.fromAsset(folders[name]);
}
