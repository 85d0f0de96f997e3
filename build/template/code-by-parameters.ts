import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Code, type CodeConfig } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { zipOfFiles } from './zip-file.ts';

export const CODE_BUCKET = 'CodeBucket';
export const CODE_PREFIX = 'CodePrefix';

/** The zip of a function: its name ends in the digest of the code, so that another code is another key, which Lambda then reads. */
export interface FunctionZip {
  fileName: string;
  content: Buffer;
}

/** @param folder has the files of the function; those of its console are in a folder of it */
export function functionZip(name: string, folder: string): FunctionZip {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => [path.replaceAll('\\', '/'), readFileSync(join(folder, path))] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  const hash = createHash('sha256');
  for (const [path, content] of files) hash.update(`${path} ${content.length}\n`).update(content);
  return { fileName: `${name}-${hash.digest('hex').slice(0, 16)}.zip`, content: zipOfFiles(files) };
}

/** Code below a prefix of a bucket that the person who deploys names, in two parameters of the template. */
export class CodeByParameters extends Code {
  readonly isInline = false;
  readonly #fileName: string;

  constructor(fileName: string) {
    super();
    this.#fileName = fileName;
  }

  override bind(scope: Construct): CodeConfig {
    const stack = Stack.of(scope);
    const bucket = parameterOf(stack, CODE_BUCKET, {
      description: 'The bucket with the code of the functions, in the region of the stack',
      allowedPattern: '[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]',
    });
    const prefix = parameterOf(stack, CODE_PREFIX, {
      description: 'What the keys of the code begin with; with a slash at its end, or empty',
      default: '',
      allowedPattern: '(.*/)?',
    });
    return {
      s3Location: {
        bucketName: bucket.valueAsString,
        objectKey: `${prefix.valueAsString}${this.#fileName}`,
      },
    };
  }
}

function parameterOf(
  stack: Stack,
  id: string,
  props: { description: string; default?: string; allowedPattern: string },
): CfnParameter {
  const found = stack.node.tryFindChild(id);
  return found instanceof CfnParameter ? found : new CfnParameter(stack, id, { type: 'String', ...props });
}
