import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, BootstraplessSynthesizer, type IStackSynthesizer } from 'aws-cdk-lib';
import { bundleFunctions } from '../../infra/bundle.ts';
import { FUNCTION_NAMES, type FunctionName } from '../../infra/function-names.ts';
import { cdkJsonContext, stackPropsOf } from '../../infra/options/stack-props.ts';
import { QureDropoffStack } from '../../infra/qure-dropoff-stack.ts';
import { CodeByParameters, type FunctionZip, functionZip } from './code-by-parameters.ts';
import { templateReadme } from './readme.ts';

/**
 * Writes the stack as a template for `aws cloudformation`, the code of the functions and a page of commands. Neither the CDK nor
 * its bootstrap is needed to deploy it.
 *
 * @param outDir is emptied first
 * @param context as after `-c` of a deployment; docs/deployment.md
 * @returns the names of the files
 * @throws MistakesError for options that are invalid
 */
export async function writeTemplate(
  outDir: string,
  context: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const folders = await bundleFunctions(FUNCTION_NAMES);
  const zips = new Map<string, FunctionZip>();
  const { template, stackName, appName } = synthesize(context, (name) => {
    const zip = functionZip(name, folders[name]);
    zips.set(name, zip);
    return new CodeByParameters(zip.fileName);
  });
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(join(outDir, 'functions'), { recursive: true });
  const files: [string, Buffer | string][] = [
    ['template.json', template],
    ['README.md', templateReadme(stackName, appName)],
    ...[...zips.values()].map(({ fileName, content }): [string, Buffer] => [
      `functions/${fileName}`,
      content,
    ]),
  ];
  for (const [name, content] of files) writeFileSync(join(outDir, name), content);
  return files.map(([name]) => name);
}

function synthesize(
  context: Readonly<Record<string, string>>,
  codeFor: (name: FunctionName) => CodeByParameters,
): { template: Buffer; stackName: string; appName: string } {
  const outdir = mkdtempSync(join(tmpdir(), 'qure-dropoff-template-'));
  try {
    const app = new App({
      analyticsReporting: false,
      autoSynth: false,
      outdir,
      context: { ...cdkJsonContext(), ...context },
    });
    const stack = new QureDropoffStack(app, 'QureDropoff', {
      ...stackPropsOf(app.node.getAllContext()),
      // The cast: the CDK's own declarations differ by an `undefined` here.
      synthesizer: new BootstraplessSynthesizer() as IStackSynthesizer,
      codeFor,
    });
    const { templateFullPath } = app.synth().getStackArtifact(stack.artifactId);
    const { appName } = stack.dropoff;
    return { template: readFileSync(templateFullPath), stackName: stack.stackName, appName };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}
