import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { synthesizeApp } from '../../support/synthesize-app.ts';

const CDK = fileURLToPath(new URL('../../../node_modules/aws-cdk/bin/cdk', import.meta.url));
const run = promisify(execFile);

/**
 * The bootstrap qualifier, and with it a part of the asset bucket's name: moto reads a template's URL as `host/bucket/key` only
 * where `localhost` stands in it.
 */
const QUALIFIER = 'localhost';
export const ACCOUNT_ID = '123456789012';
export const REGION = 'us-east-1';
export const STACK_NAME = 'QureDropoff';
/** As the bootstrap names it. */
export const ASSET_BUCKET = `cdk-${QUALIFIER}-assets-${ACCOUNT_ID}-${REGION}`;

/** Synthesizes the real app with these sources into a folder below `dir`. @returns the folder, a cloud assembly */
export async function synthesizeFor(sources: object, dir: string, name: string): Promise<string> {
  const outDir = join(dir, name);
  const sourcesFile = join(dir, `${name}.json`);
  mkdirSync(outDir, { recursive: true });
  writeFileSync(sourcesFile, JSON.stringify({ sources }));
  const context = { '@aws-cdk/core:bootstrapQualifier': QUALIFIER, sources: sourcesFile };
  await synthesizeApp(outDir, context);
  return outDir;
}

/** The CDK's own command line against an emulated account, and nothing else: it sees no profile, credential or setting of this machine. */
export class CdkCommand {
  readonly #env: Record<string, string>;
  readonly #home: string;

  constructor(endpointUrl: string, home: string) {
    this.#home = home;
    this.#env = {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      AWS_CONFIG_FILE: join(home, 'no-config'),
      AWS_SHARED_CREDENTIALS_FILE: join(home, 'no-credentials'),
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL: endpointUrl,
      AWS_ACCESS_KEY_ID: 'emulated',
      AWS_SECRET_ACCESS_KEY: 'emulated',
      AWS_REGION: REGION,
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      CDK_DISABLE_VERSION_CHECK: 'true',
      CI: 'true',
    };
  }

  async bootstrap(): Promise<void> {
    await this.#cdk('bootstrap', `aws://${ACCOUNT_ID}/${REGION}`, '--qualifier', QUALIFIER);
  }

  /**
   * By CreateStack or UpdateStack: of what goes wrong in a change set moto says nothing, it forgets the outputs of one, and finds
   * the second one of a stack no more.
   *
   * @param assembly a folder that `synthesizeFor` wrote
   */
  async deploy(assembly: string): Promise<void> {
    // An update that says to keep a parameter fails in moto, which forgets those that have their default.
    const options = ['--method', 'direct', '--require-approval', 'never', '--no-previous-parameters'];
    await this.#cdk('deploy', STACK_NAME, '--app', assembly, ...options);
  }

  /** @throws Error with what the command printed */
  async #cdk(...args: string[]): Promise<void> {
    await run(process.execPath, [CDK, ...args, '--no-notices'], {
      // Where no `cdk.json` names an app: to bootstrap needs none, and to deploy is told a finished one.
      cwd: this.#home,
      env: this.#env,
      maxBuffer: 16 * 1024 * 1024,
    });
  }
}
