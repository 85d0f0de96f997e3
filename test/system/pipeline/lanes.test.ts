import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { DicomOverrides } from '@qure-dropoff/dicom/testing';
import { type QureSimulator, startQureSimulator } from '@qure-dropoff/qure-simulator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SeriesView } from '../../../functions/api/series-view.ts';
import { isFinal } from '../../../functions/series/series.ts';
import { STAGES } from '../../../infra/limits.ts';
import { type Host, startHost } from '../../../local/host/host.ts';
import { headSlice } from '../../support/pipeline.ts';
import { readStartOptions } from '../../support/start-options.ts';
import { prepareStack } from '../../support/synthesized-stack.ts';
import { until } from '../../support/until.ts';
import { watchReceives } from '../../support/wire/receives.ts';

const CREDENTIALS = { source: 'workspace', token: 'good-token' };
/** Of the routine lane on one machine: docs/architecture-reference.md, and no more than `infra/limits.ts` allows. */
const WORKERS = Math.min(Math.max(4, availableParallelism()), STAGES.compute.maxConcurrency);
const FLOOD = 3 * WORKERS;

let dataDir: string;
let host: Host;
const queues = watchReceives();
/** Qure of the archive never answers an upload; the one of the emergency department does. */
let hanging: QureSimulator;
let answering: QureSimulator;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'lanes-'));
  [hanging, answering] = await Promise.all([
    startQureSimulator({ ...CREDENTIALS, computeDelayMs: 100 }),
    startQureSimulator({ ...CREDENTIALS, computeDelayMs: 100 }),
  ]);
  hanging.setFaults([{ stage: 'upload', fault: { kind: 'hang' } }]);
  const sources = {
    archive: { priority: 'routine', qure: { ...CREDENTIALS, baseUrl: hanging.baseUrl } },
    emergency: { priority: 'urgent', qure: { ...CREDENTIALS, baseUrl: answering.baseUrl } },
    hospital: { qure: { ...CREDENTIALS, baseUrl: answering.baseUrl } },
  };
  const configFile = join(dataDir, 'sources.json');
  writeFileSync(configFile, JSON.stringify({ sources }));
  await prepareStack(dataDir);
  const read = readStartOptions(
    [
      ...['--data-dir', dataDir, '--port', '0', '--s3-port', '0', '--config', configFile],
      ...['--quiet-period', '86400', '--poll-interval', '0.5'],
    ],
    {},
  );
  host = await startHost(read, {}, () => {}, {
    through: async (service, url) => (service === 'sqs' ? queues.before(url) : url),
  });
});
afterAll(async () => {
  host?.s3.destroy();
  // With every worker busy, too.
  await host?.stop();
  queues.close();
  await Promise.all([hanging?.close(), answering?.close()]);
  rmSync(dataDir, { recursive: true, force: true });
});

async function drop(source: string, uid: string, overrides: DicomOverrides = {}): Promise<void> {
  const put = (name: string, body: Buffer) =>
    host.s3.send(
      new PutObjectCommand({ Bucket: host.cloud.buckets.drop, Key: `${source}/${uid}/${name}`, Body: body }),
    );
  await put('1', headSlice(uid, 1, overrides));
  await put('_COMPLETE', Buffer.from(JSON.stringify({ series: { [uid]: 1 } })));
}

async function views(): Promise<readonly SeriesView[]> {
  await host.watch.refresh();
  return host.watch.views();
}

const viewOf = async (uid: string) => (await views()).find((one) => one.seriesInstanceUid === uid);

test('REQ-DELAY-2: a source whose series fill the routine lane does not keep urgent ones of others waiting', async () => {
  await Promise.all(Array.from({ length: FLOOD }, (_, at) => drop('archive', `1.2.900.${at + 1}`)));
  await until('every routine worker busy, and the others in line', async () => {
    const states = (await views()).map(({ state }) => state);
    const calls = hanging.journal.filter(({ stage }) => stage === 'upload');
    return calls.length >= WORKERS &&
      states.filter((state) => state === 'COMPLETE').length === FLOOD - WORKERS
      ? true
      : undefined;
  });
  await drop('hospital', '1.2.901.1', { studyDescription: 'CT HEAD ROUTINE' });
  await until('the routine series in line', async () => {
    const one = await viewOf('1.2.901.1');
    return one?.state === 'COMPLETE' ? one : undefined;
  });
  await drop('hospital', '1.2.901.2', { studyDescription: 'CODE STROKE' });
  for (let at = 1; at <= 3; at += 1) await drop('emergency', `1.2.902.${at}`);

  for (const uid of ['1.2.901.2', '1.2.902.1', '1.2.902.2', '1.2.902.3']) {
    const seen = await until(`series ${uid} final`, async () => {
      const one = await viewOf(uid);
      return one !== undefined && isFinal(one) ? one : undefined;
    });
    expect(seen).toMatchObject({ state: 'DONE', priority: 'urgent' });
  }
  // The flood stands as it stood, and so does what came after it on its lane.
  const others = (await views()).filter(({ priority }) => priority === undefined);
  expect(others.filter(({ state }) => state === 'UPLOADING')).toHaveLength(WORKERS);
  expect(others.filter(({ state }) => state === 'COMPLETE')).toHaveLength(FLOOD + 1 - WORKERS);
  expect(await viewOf('1.2.901.1')).toMatchObject({ state: 'COMPLETE' });
});

test('an S3 event is in the message group of its source, which makes the ingest queue fair', async () => {
  await host.s3.send(new PutObjectCommand({ Bucket: host.cloud.buckets.drop, Key: 'stray', Body: 'x' }));
  const groupOf = (folder: string) =>
    queues.received.find(({ Body = '' }) => Body.includes(`"key":"${folder}`))?.Attributes;
  await until('the event of the stray object', async () => groupOf('stray'));
  expect(groupOf('archive/')?.MessageGroupId).toBe('archive');
  expect(groupOf('hospital/')?.MessageGroupId).toBe('hospital');
  expect(groupOf('stray')).not.toHaveProperty('MessageGroupId');
});
