import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startS3Server } from '@qure-dropoff/s3-files';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isFinal } from '../../../functions/series/series.ts';
import { DROP_BUCKET, RESULTS_BUCKET } from '../../../local/cloud/start-cloud.ts';
import { type Host, startHost } from '../../../local/host/host.ts';
import { headSlice } from '../../support/pipeline.ts';
import { readStartOptions } from '../../support/start-options.ts';
import { prepareStack } from '../../support/synthesized-stack.ts';
import { until } from '../../support/until.ts';

const UID = '1.2.840.77';
const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
const dataDir = mkdtempSync(join(tmpdir(), 'reconcile-'));
const reportFile = join(dataDir, 'report.json');
let host: Host | undefined;

beforeAll(async () => {
  await prepareStack(dataDir);
  await dropWithoutEvents();
  const options = ['--data-dir', dataDir, '--port', '0', '--s3-port', '0', '--quiet-period', '1'];
  const read = readStartOptions(options, {});
  host = await startHost(read, {}, () => {});
});
afterAll(async () => {
  host?.s3.destroy();
  await host?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Three slices and a text file, in the bucket that the host will have; nobody is told of them. */
async function dropWithoutEvents(): Promise<void> {
  const server = await startS3Server({
    dataDir: join(dataDir, 's3'),
    port: 0,
    buckets: [DROP_BUCKET, RESULTS_BUCKET],
    notifyBuckets: [],
  });
  const s3 = new S3Client({
    endpoint: server.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const put = (key: string, Body: Buffer) =>
    s3.send(new PutObjectCommand({ Bucket: DROP_BUCKET, Key: `default/${key}`, Body }));
  for (const number of [1, 2, 3]) await put(`a folder/ü ${number}`, headSlice(UID, number));
  await put('notes.txt', Buffer.from('no scan'));
  s3.destroy();
  await server.close();
}

function runCommand(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const script = join(REPOSITORY, 'cli/main.ts');
  const child = spawn(process.execPath, [
    script,
    'reconcile',
    '--data-dir',
    dataDir,
    '--min-age',
    '0',
    ...args,
  ]);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    err += String(chunk);
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}

it('reports objects whose events were lost, then has them computed', async () => {
  const told = await runCommand('--report', reportFile);
  expect(told).toMatchObject({ code: 1, out: '       4  default object_unknown reported\n', err: '' });
  const report = JSON.parse(readFileSync(reportFile, 'utf8')) as { findings: { key: string }[] };
  expect(report.findings.map(({ key }) => key).sort()).toEqual([
    'default/a folder/ü 1',
    'default/a folder/ü 2',
    'default/a folder/ü 3',
    'default/notes.txt',
  ]);
  await host?.watch.refresh();
  expect(host?.watch.views()).toEqual([]);

  const repaired = await runCommand('--repair', '--source', 'default');
  expect(repaired).toMatchObject({ code: 0, out: '       4  default object_unknown repaired\n', err: '' });
  const series = await until('the series is final', async () => {
    await host?.watch.refresh();
    return host?.watch.views().find((view) => view.seriesInstanceUid === UID && isFinal(view));
  });
  expect(series).toMatchObject({ state: 'DONE', generation: 1, instances: 3 });
  expect(await host?.watch.quarantined()).toMatchObject([{ key: 'default/notes.txt', reason: 'not_dicom' }]);
  expect(await runCommand()).toMatchObject({ code: 0, out: 'Nothing differs.\n', err: '' });
});

it('reports the mistake of an invalid request', async () => {
  expect(await runCommand('--source', 'nobody')).toMatchObject({
    code: 1,
    err: expect.stringContaining('expected the source nobody'),
  });
  expect(await runCommand('--repairs')).toMatchObject({ code: 2, err: expect.stringContaining('--repair') });
  expect(await runCommand('--data-dir', join(dataDir, 'elsewhere'))).toMatchObject({
    code: 2,
    err: expect.stringContaining('npm start'),
  });
});
