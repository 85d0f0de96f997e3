import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs a job in a process of its own, so that its memory can be told. The child has it as JSON in its first argument, and prints its measure. */
export async function runChild<Measure>(path: string, job: object): Promise<Measure> {
  const flags = ['--disable-warning=ExperimentalWarning', '--expose-gc'];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, path, JSON.stringify(job)]);
  return JSON.parse(stdout) as Measure;
}
