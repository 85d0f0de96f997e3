import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
/** The sources of the template and the bundles. */
const INPUTS = ['functions', 'console', 'packages', 'infra', 'cdk.json', 'package.json', 'package-lock.json'];
export const TEMPLATE_FILE = 'QureDropoff.template.json';

/** The CDK app could not be synthesized. */
export class SynthesisError extends Error {
  override name = 'SynthesisError';
}

/**
 * Synthesizes the CDK app into `outDir` and returns the template's path. This takes some seconds, so a template from
 * files with the same sizes and times is reused.
 *
 * @param context the options that `cdk deploy -c` takes, of those that mean something here
 * @param onStart called if no template can be reused
 * @throws SynthesisError with the output of the app
 */
export async function synthesize(
  outDir: string,
  context: Readonly<Record<string, string>> = {},
  onStart: () => void = () => {},
): Promise<string> {
  const templatePath = join(outDir, TEMPLATE_FILE);
  const stampPath = join(outDir, 'inputs.sha256');
  const given = JSON.stringify(context);
  const stamp = stampOfInputs(given);
  if (existsSync(templatePath) && existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp) {
    return templatePath;
  }
  onStart();
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  try {
    await promisify(execFile)(process.execPath, [join(REPOSITORY, 'infra', 'app.ts')], {
      cwd: REPOSITORY,
      env: { ...process.env, CDK_OUTDIR: outDir, CDK_CONTEXT_JSON: given, NODE_NO_WARNINGS: '1' },
      maxBuffer: 16 * 1024 * 1024,
    });
  } catch (cause) {
    const printed = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : String(cause);
    throw new SynthesisError(
      `the stack could not be synthesized; run npm run synth. Its output:\n${printed.trim()}`,
      {
        cause,
      },
    );
  }
  writeFileSync(stampPath, stamp);
  return templatePath;
}

function stampOfInputs(context: string): string {
  const hash = createHash('sha256').update(process.version + context);
  for (const input of INPUTS) {
    const path = join(REPOSITORY, input);
    const files = statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name))
      : [path];
    for (const file of files.sort()) {
      const { size, mtimeMs } = statSync(file);
      hash.update(`${file} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest('hex');
}
