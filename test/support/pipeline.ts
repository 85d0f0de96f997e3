import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { buildDicom, type DicomOverrides } from '@qure-dropoff/dicom/testing';
import { type QureSimulator, startQureSimulator } from '@qure-dropoff/qure-simulator';
import type { SeriesView } from '../../functions/api/series-view.ts';
import { createStores } from '../../functions/aws/table/stores.ts';
import { isFinal } from '../../functions/series/series.ts';
import { isStopReason } from '../../functions/series/series-facts.ts';
import { type Host, startHost } from '../../local/host/host.ts';
import { mistakesOfEvent } from './published-events.ts';
import { readStartOptions } from './start-options.ts';
import { prepareStack } from './synthesized-stack.ts';
import { until } from './until.ts';
import { adaptTemplate, type TemplateChanges } from './wire/adapt-template.ts';
import type { WireProxy } from './wire/wire-proxy.ts';

const TOKEN = 'good-token';
const WORKSPACE = 'workspace';

/** The whole host in this process, and a simulator whose journal tells what Qure was asked. */
export interface Pipeline {
  host: Host;
  qure: QureSimulator;
  dataDir: string;
  put(key: string, body: string | Uint8Array): Promise<void>;
  /** Puts so many slices of a head CT below `<source>/<uid>/`, numbered from `from`, in one burst. */
  putSeries(source: string, uid: string, slices: number, from?: number): Promise<void>;
  /** The same with a marker that names their count: complete however long the machine takes. */
  putCountedSeries(source: string, uid: string, slices: number): Promise<void>;
  view(uid: string): Promise<SeriesView | undefined>;
  /** The series once it is final in this generation, or waits for a stopped source. */
  final(uid: string, generation?: number): Promise<SeriesView>;
  readResult(key: string): Promise<string>;
  readResultBytes(key: string): Promise<Buffer>;
  /** The host's own table, past any proxy's rules for functions. */
  stores: ReturnType<typeof createStores>;
  events(): { 'detail-type': string; source: string; detail: Record<string, unknown> }[];
  stop(): Promise<void>;
}

/** Two sources: `sitea` with good credentials, `siteb` with a token that Qure rejects. */
export async function startPipeline(settings: {
  quietPeriodSeconds: number;
  assetLifetimeMs?: number;
  /** More sources with good credentials, or more settings of `sitea`. */
  sources?: Record<string, object>;
  /** Stands before the embedded services and Qure. Default: none. */
  wire?: WireProxy;
  /** Names of patients are kept and shown. @default they are not */
  showsPatients?: boolean;
  /** Default: as deployed. */
  template?: TemplateChanges;
}): Promise<Pipeline> {
  const dataDir = mkdtempSync(join(tmpdir(), 'pipeline-'));
  const { assetLifetimeMs, wire, template } = settings;
  const qure = await startQureSimulator({
    token: TOKEN,
    source: WORKSPACE,
    computeDelayMs: 300,
    ...(assetLifetimeMs === undefined ? {} : { assetLifetimeMs }),
  });
  await wire?.before('assets', qure.assetOrigin);
  const baseUrl = (await wire?.before('qure', qure.baseUrl)) ?? qure.baseUrl;
  const at = { baseUrl, source: WORKSPACE };
  const configFile = join(dataDir, 'sources.json');
  const qureOfAll = { ...at, token: TOKEN };
  const more = Object.entries({ sitea: {}, ...settings.sources });
  const sources = {
    ...Object.fromEntries(more.map(([name, own]) => [name, { qure: qureOfAll, ...own }])),
    siteb: { qure: { ...at, token: 'rejected-token' } },
  };
  writeFileSync(configFile, JSON.stringify({ sources }));
  const templatePath = await prepareStack(dataDir);
  if (template !== undefined) adaptTemplate(templatePath, template);
  const read = readStartOptions(
    [
      ...['--data-dir', dataDir, '--port', '0', '--s3-port', '0', '--config', configFile],
      ...['--quiet-period', String(settings.quietPeriodSeconds), '--poll-interval', '0.5'],
      ...(settings.showsPatients === true ? ['--phi', 'show'] : []),
    ],
    {},
  );
  const wiring = wire === undefined ? {} : { through: wire.before };
  const host = await startHost(read, {}, () => {}, wiring).catch(async (error: unknown) => {
    await qure.close();
    rmSync(dataDir, { recursive: true, force: true });
    throw error;
  });
  const view = async (uid: string) => {
    await host.watch.refresh();
    return host.watch.views().find((one) => one.seriesInstanceUid === uid);
  };
  const put = async (key: string, body: string | Uint8Array) => {
    await host.s3.send(
      new PutObjectCommand({ Bucket: host.cloud.buckets.drop, Key: key, Body: Buffer.from(body) }),
    );
  };
  const putSeries: Pipeline['putSeries'] = async (source, uid, slices, from = 1) => {
    const numbers = Array.from({ length: slices }, (_, at) => from + at);
    await Promise.all(numbers.map((n) => put(`${source}/${uid}/${n}`, headSlice(uid, n))));
  };
  const readResultBytes = async (key: string) => {
    const answer = await host.s3.send(new GetObjectCommand({ Bucket: host.cloud.buckets.results, Key: key }));
    return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
  };
  const table = new DynamoDBClient(host.cloud.clientConfig('dynamodb'));
  return {
    host,
    qure,
    dataDir,
    put,
    view,
    putSeries,
    async putCountedSeries(source, uid, slices) {
      await putSeries(source, uid, slices);
      await put(`${source}/${uid}/_COMPLETE`, JSON.stringify({ series: { [uid]: slices } }));
    },
    final: (uid, generation = 1) =>
      until(`series ${uid} final in generation ${generation}`, async () => {
        const seen = await view(uid);
        const hasEnded = seen !== undefined && (isFinal(seen) || isStopReason(seen.heldBack?.reason));
        return hasEnded && seen.generation === generation ? seen : undefined;
      }),
    readResult: async (key) => (await readResultBytes(key)).toString('utf8'),
    readResultBytes,
    stores: createStores(table, host.cloud.outputs['TableName'] ?? ''),
    events: () => readEvents(dataDir),
    async stop() {
      host.s3.destroy();
      table.destroy();
      await host.stop();
      await qure.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Throws where one is not as its published schema says. */
export function readEvents(dataDir: string): ReturnType<Pipeline['events']> {
  const lines = readFileSync(join(dataDir, 'events.jsonl'), 'utf8').trim().split('\n');
  const events = lines.filter((line) => line !== '').map((line) => JSON.parse(line));
  const mistakes = events.flatMap((event) =>
    mistakesOfEvent({ detailType: event['detail-type'], detail: event.detail }),
  );
  if (mistakes.length > 0) throw new Error(`Expected events by their schemas: ${mistakes.join('; ')}`);
  return events;
}

/** A small slice of a head CT with the UIDs that follow from its series and number. */
export function headSlice(seriesInstanceUid: string, number: number, overrides: DicomOverrides = {}): Buffer {
  return buildDicom({
    studyInstanceUid: `${seriesInstanceUid}.0`,
    seriesInstanceUid,
    sopInstanceUid: `${seriesInstanceUid}.${number}`,
    seriesDescription: 'HEAD NCCT',
    instanceNumber: number,
    ...overrides,
  });
}
