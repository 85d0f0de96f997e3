import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type HostProcess, startHostProcess } from '../../support/host-process.ts';
import { headSlice } from '../../support/pipeline.ts';
import { prepareStack } from '../../support/synthesized-stack.ts';

const UID = '1.2.831.1';
const QUIET_SECONDS = 6;
const dataDir = mkdtempSync(join(tmpdir(), 'pause-'));
const folder = join(dataDir, 'drops');
let host: HostProcess | undefined;
beforeAll(async () => {
  await prepareStack(dataDir);
  mkdirSync(folder);
  for (const n of [1, 2]) writeFileSync(join(folder, String(n)), headSlice(UID, n));
});
afterAll(async () => {
  host?.child.kill('SIGCONT');
  await host?.kill();
  rmSync(dataDir, { recursive: true, force: true });
});

it('takes the time in which the host did not run for no silence', async () => {
  host = startHostProcess([folder, '--data-dir', dataDir, '--quiet-period', String(QUIET_SECONDS)]);
  const { child, printed } = host;
  await expect.poll(() => printed().out, { timeout: 60_000 }).toMatch(/RECEIVING .* 2 instances/);
  // As on a laptop that sleeps in the middle of a drop.
  child.kill('SIGSTOP');
  await sleep((QUIET_SECONDS + 2) * 1000);
  child.kill('SIGCONT');
  await sleep(2_000);
  const [, endpoint = ''] = /--endpoint-url (\S+)/.exec(printed().out) ?? [];
  const s3 = new S3Client({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    forcePathStyle: true,
  });
  for (const n of [3, 4])
    await s3.send(
      new PutObjectCommand({
        Bucket: 'qure-dropoff-drop',
        Key: `default/rest/${n}`,
        Body: headSlice(UID, n),
      }),
    );
  s3.destroy();
  await expect.poll(() => printed().out, { timeout: 60_000 }).toMatch(/DONE .*qER .* 4 instances/);
  expect(printed().out).not.toContain('generation 2');
  expect(printed().out).not.toMatch(/(COMPLETE|UPLOADING|COMPUTING|DONE) .* 2 instances/);
}, 180_000);
