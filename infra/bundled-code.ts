import { Code } from 'aws-cdk-lib/aws-lambda';
import { bundleFunctions } from './bundle.ts';
import { FUNCTION_NAMES, type FunctionName } from './function-names.ts';

/** The code of each function, bundled now from the sources of this clone. What was built before plays no part. */
export function bundledCode(): (name: FunctionName) => Code {
  const folders = bundleFunctions(FUNCTION_NAMES);
  return (name) => Code.fromAsset(folders[name]);
}
