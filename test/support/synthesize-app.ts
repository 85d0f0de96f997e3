import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const APP = fileURLToPath(new URL('../../infra/app.ts', import.meta.url));

/**
 * Synthesizes the real app into a folder.
 *
 * @param context what `-c name=value` says on the command line
 */
export async function synthesizeApp(
  outDir: string,
  context: Readonly<Record<string, string>>,
): Promise<void> {
  await promisify(execFile)(process.execPath, [APP], {
    env: {
      ...process.env,
      CDK_OUTDIR: outDir,
      CDK_CONTEXT_JSON: JSON.stringify(context),
      NODE_NO_WARNINGS: '1',
    },
  });
}
