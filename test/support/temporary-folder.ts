import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A temporary folder of the run's own, which goes with it: the CDK leaves one behind for each synthesis, hundreds in a run.
 * Node reads TMPDIR, on Windows TEMP.
 */
export default function ownTemporaryFolder(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'qure-dropoff-tests-'));
  process.env.TMPDIR = folder;
  process.env.TEMP = folder;
  // Hundreds of hosts, commands and mutants are started: types are stripped and modules compiled once for all of them.
  process.env.NODE_COMPILE_CACHE = join(folder, 'compile-cache');
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
