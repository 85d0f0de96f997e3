import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type QureSimulator, startQureSimulator } from '@qure-dropoff/qure-simulator';
import { createStores } from '../../functions/aws/table/stores.ts';
import { senderOf } from '../../functions/instances/sender.ts';
import { PRODUCTS } from '../../functions/qure/product.ts';
import { type Host, startHost } from '../../local/host/host.ts';
import type { Options } from '../../local/options.ts';
import {
  IMAGES_PER_SECOND,
  knownHistory,
  QUIET_PERIOD_SECONDS,
  SCAN_KINDS,
  type ScanKind,
  seriesUid,
} from './scans.ts';
import { type Stages, seriesAnswer, stagesOf } from './stages.ts';

/** How the end of a series is known. */
export type Way = 'marker' | 'learned' | 'new';

export interface MeasuredHost {
  /** Sends a series at the pace of a scanner. `result`: its stages, once it is announced. */
  send(kind: ScanKind, way: Way): Promise<{ result: Promise<Stages> }>;
  /** A result of each kind: afterwards every function has run. */
  warmUp(): Promise<void>;
}

const CREDENTIALS = { token: 'bench-token', source: 'bench-workspace' };
const LOOK_EVERY_MS = 500;
const GIVE_UP_MS = 600_000;
const PUTS_AT_ONCE = 8;
const KNOWN_RESULTS = 50;

/** The pipeline on this machine with a source and a simulator for each kind, each with its computing time. */
export async function overMeasuredHost(
  dataDir: string,
  measure: (host: MeasuredHost) => Promise<void>,
): Promise<void> {
  mkdirSync(dataDir, { recursive: true });
  const simulators = new Map<string, QureSimulator>();
  let host: Host | undefined;
  try {
    for (const { name, computeSeconds } of SCAN_KINDS)
      simulators.set(
        name,
        await startQureSimulator({ ...CREDENTIALS, computeDelayMs: computeSeconds * 1000 }),
      );
    const configFile = join(dataDir, 'sources.json');
    writeFileSync(configFile, JSON.stringify({ sources: sourcesOf(simulators) }));
    host = await startHost(optionsOf(dataDir, configFile), {}, () => {});
    await tellWhatIsKnown(host);
    await measure(measuredHost(host));
  } finally {
    await host?.stop();
    for (const simulator of simulators.values()) await simulator.close();
  }
}

function sourcesOf(simulators: ReadonlyMap<string, QureSimulator>): object {
  return Object.fromEntries(
    SCAN_KINDS.map(({ name }) => [
      name,
      {
        quietPeriodSeconds: QUIET_PERIOD_SECONDS,
        resultsTimeoutSeconds: GIVE_UP_MS / 1000,
        qure: { baseUrl: simulators.get(name)?.baseUrl, ...CREDENTIALS },
      },
    ]),
  );
}

function optionsOf(dataDir: string, configFile: string): Options {
  return {
    paths: [],
    once: false,
    quietPeriodSeconds: QUIET_PERIOD_SECONDS,
    completion: 'adaptive',
    resultsTimeoutSeconds: GIVE_UP_MS / 1000,
    delivery: 'upload',
    compute: 'call',
    phi: 'hide',
    dataDir,
    port: 0,
    s3Port: 0,
    configFile,
    qure: { kind: 'config', configFile },
    typed: new Set(['poll-interval']),
    notes: [],
  };
}

function stationOf(kind: ScanKind, way: Way): string {
  return `${kind.name}-${way}`.toUpperCase().slice(0, 16);
}

/** Of the stations that send as `learned`, and of computing times. */
async function tellWhatIsKnown({ cloud }: Host): Promise<void> {
  const client = new DynamoDBClient(cloud.clientConfig('dynamodb'));
  const { senders, computingTimes } = createStores(client, cloud.outputs['TableName'] ?? '');
  for (const kind of SCAN_KINDS) {
    const object = { key: '', etag: '', sizeBytes: 0, isGzip: false };
    const sender = senderOf({ stationName: stationOf(kind, 'learned'), modality: kind.modality, object });
    await senders.save({ source: kind.name, sender, history: knownHistory(kind), learned: [], version: 0 });
    for (const product of PRODUCTS)
      await computingTimes.save({
        source: kind.name,
        product,
        times: Array.from({ length: KNOWN_RESULTS }, () => kind.computeSeconds),
        version: 0,
      });
  }
  client.destroy();
}

function measuredHost({ console, cloud, s3 }: Host): MeasuredHost {
  let sent = 0;
  const send = async (kind: ScanKind, way: Way) => {
    sent += 1;
    const series = `${kind.name}-${way}-${sent}`;
    const dropped = await drop(s3, cloud.buckets.drop, series, kind, way);
    return { result: stagesWhenDone(console.url, kind, seriesUid(series), dropped) };
  };
  return {
    send,
    async warmUp() {
      const kind = SCAN_KINDS.at(-1);
      if (kind === undefined) return;
      const { result } = await send(kind, 'marker');
      await result;
    },
  };
}

async function drop(s3: S3Client, bucket: string, series: string, kind: ScanKind, way: Way) {
  const station = stationOf(kind, way);
  const put = (name: string, Body: Buffer) =>
    s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${kind.name}/${series}/${name}`, Body }));
  const firstMs = Date.now();
  const underWay = new Set<Promise<unknown>>();
  for (let number = 1; number <= kind.images; number += 1) {
    const dueMs = firstMs + ((number - 1) / IMAGES_PER_SECOND) * 1000;
    await sleep(Math.max(0, dueMs - Date.now()));
    if (underWay.size >= PUTS_AT_ONCE) await Promise.race(underWay);
    const task = put(`${number}.dcm`, kind.file(series, number, station)).finally(() =>
      underWay.delete(task),
    );
    underWay.add(task);
  }
  await Promise.all(underWay);
  if (way === 'marker')
    await put('_COMPLETE', Buffer.from(JSON.stringify({ series: { [seriesUid(series)]: kind.images } })));
  return { firstMs, lastMs: Date.now() };
}

async function stagesWhenDone(
  url: string,
  kind: ScanKind,
  uid: string,
  dropped: { firstMs: number; lastMs: number },
): Promise<Stages> {
  const endMs = Date.now() + GIVE_UP_MS;
  while (Date.now() < endMs) {
    await sleep(LOOK_EVERY_MS);
    const answer = await fetch(new URL(`/v1/series/${uid}`, url));
    if (!answer.ok) continue;
    const series = seriesAnswer.parse(await answer.json());
    if (series.timeline.some(({ step }) => step === 'announced'))
      return stagesOf(series, dropped, kind.computeSeconds);
  }
  throw new Error(`expected a result of ${kind.name} within ${GIVE_UP_MS / 1000} s`);
}
