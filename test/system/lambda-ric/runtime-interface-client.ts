import { type ChildProcess, execSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionResource } from '../../../local/cloud/stack.ts';
import { functionEnvironment } from '../../../local/lambda/function-environment.ts';
import { RuntimeApi, type RuntimeListener } from '../../../local/lambda/runtime-api.ts';

/** What to do where the client is not found. */
export const HOW_TO_INSTALL =
  'no aws-lambda-ric: `npm install --prefix /tmp/ric aws-lambda-ric@4.0.2` (it compiles for minutes and needs cmake, g++ and make), ' +
  'then set AWS_LAMBDA_RIC=/tmp/ric to run these tests';

/** The program of AWS's own runtime client, of version 4 or 3: below the folder that AWS_LAMBDA_RIC names, else among npm's global packages. */
export function findRuntimeInterfaceClient(): string | undefined {
  const programs = [join('aws-lambda-ric', 'index.mjs'), join('aws-lambda-ric', 'bin', 'index.mjs')];
  const named = process.env['AWS_LAMBDA_RIC'];
  const folders = named === undefined ? [globalPackages()] : [join(named, 'node_modules'), named];
  return folders
    .filter((folder) => folder !== undefined)
    .flatMap((folder) => programs.map((program) => join(folder, program)))
    .find((path) => existsSync(path));
}

function globalPackages(): string | undefined {
  try {
    return execSync('npm root --global', { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

/**
 * Has a function answer one event as it would in AWS: in a process of AWS's client, which loads the bundle and speaks the Runtime
 * API.
 *
 * @returns the answer
 * @throws FunctionError as the client reports it; Error when the process ends without an answer
 */
export async function answerOnce(
  program: string,
  resource: FunctionResource,
  environment: Readonly<Record<string, string>>,
  event: unknown,
): Promise<unknown> {
  const answer = Promise.withResolvers<string>();
  const listener: RuntimeListener = {
    onNext: () =>
      api.deliver({
        requestId: 'e8c4b7f0-0000-4000-8000-000000000000',
        payload: JSON.stringify(event),
        deadlineMs: Date.now() + resource.timeoutSeconds * 1000,
        functionArn: resource.arn,
      }),
    onResponse: (_requestId, payload) => answer.resolve(payload),
    onError: (_requestId, error) => answer.reject(error),
    onInitError: (error) => answer.reject(error),
  };
  // AWS's client reads a host and a port, and no path.
  const api = new RuntimeApi(listener, '');
  let child: ChildProcess | undefined;
  try {
    const runtimeApi = await api.listen();
    child = spawn(process.execPath, [program, resource.handler], {
      cwd: resource.codeFolder,
      env: functionEnvironment(resource, environment, runtimeApi),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let printed = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
    child.once('error', answer.reject);
    child.once('exit', (code) => answer.reject(new Error(`ended with exit code ${code}: ${printed}`)));
    return JSON.parse(await answer.promise);
  } finally {
    child?.kill('SIGKILL');
    api.close();
  }
}
