import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What every test of a run, and every process that a test starts, finds in its environment. */
export default function setRunEnvironment(): () => void {
  // Goes with the run: the CDK leaves a folder behind for each synthesis. Node reads TMPDIR, on Windows TEMP.
  const folder = mkdtempSync(join(tmpdir(), 'qure-dropoff-tests-'));
  process.env.TMPDIR = folder;
  process.env.TEMP = folder;
  // Hundreds of hosts, commands and mutants are started: types are stripped and modules compiled once for all of them.
  process.env.NODE_COMPILE_CACHE = join(folder, 'compile-cache');
  // Half of the time of a synthesis, for warnings that fail no test. `npm run synth` shows them, and a test that wants them adds the plugin.
  process.env.CDK_VALIDATION = 'false';
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
