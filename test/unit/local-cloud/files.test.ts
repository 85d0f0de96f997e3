import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DataDirInUseError, lockDataDir } from '../../../local/cloud/data-dir-lock.ts';
import { LogFile } from '../../../local/lambda/log-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'local-cloud-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('locks a data directory for one host', async () => {
  const unlock = await lockDataDir(folder);
  await expect(lockDataDir(folder)).rejects.toThrow(DataDirInUseError);
  await expect(lockDataDir(folder)).rejects.toThrow(`in use by process ${process.pid}`);
  const waiting = lockDataDir(folder, 30_000);
  unlock();
  (await waiting)();
});

it('limits the size of a log, and keeps the previous file', () => {
  const path = join(folder, 'logs', 'sweep.log');
  const log = new LogFile(path, 100);
  for (let i = 0; i < 50; i++) log.append(`line ${i} of the log`);
  log.close();
  log.append('after the end');
  expect(statSync(path).size).toBeLessThan(130);
  expect(statSync(`${path}.1`).size).toBeLessThan(130);
  expect(readFileSync(path, 'utf8')).toMatch(/line 49 of the log\n$/);
});
