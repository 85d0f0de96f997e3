import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { type QureSimulator, startQureSimulator } from '@qure-dropoff/qure-simulator';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { createStores } from '../../functions/aws/table/stores.ts';
import { isLoopbackBaseUrl } from '../../functions/qure/base-url.ts';
import { LOCK_WAIT_MS, lockDataDir } from '../cloud/data-dir-lock.ts';
import { createLocalCipher } from '../cloud/local-cipher.ts';
import { makePrivateFolder } from '../cloud/private-folder.ts';
import { type LocalCloud, type StartCloudOptions, startCloud } from '../cloud/start-cloud.ts';
import { type ConsoleServer, startConsole } from '../console/console-server.ts';
import type { Options } from '../options.ts';
import type { QureName } from '../report.ts';
import { tellConsole } from './console-address.ts';
import { requireFreePorts } from './free-ports.ts';
import { functionSurroundings } from './function-surroundings.ts';
import {
  type LocalSource,
  needsSimulator,
  parametersOf,
  readLocalSources,
  secretsOf,
  sourceNameOfKey,
} from './local-sources.ts';
import { SeriesWatch } from './series-watch.ts';
import { synthesize } from './synthesize.ts';

export interface Host {
  cloud: LocalCloud;
  console: ConsoleServer;
  sources: readonly LocalSource[];
  /** The drop location for other programs, as `s3://…`. */
  dropUrl: string;
  /** The Qure that answers; of several sources each once, with commas. */
  qure: QureName;
  /** Sources for which the simulator answers. */
  simulatedSources: ReadonlySet<string>;
  s3: S3Client;
  /** Whether generated samples may go to Qure: only to the simulator, or to another server on this machine. */
  takesSamples: boolean;
  watch: SeriesWatch;
  /** Names of the queues that can still open a series. */
  queues: { ingest: string; completion: string };
  stop(): Promise<void>;
}

/** The duration of a computation of the simulator: long enough to be visible. */
const SIMULATED_COMPUTE_MS = 3_000;

/**
 * Starts everything on this machine: Qure's simulator if no Qure is configured, the embedded cloud with the pipeline's
 * functions, and the console. Unfinished work of an earlier run continues at once. `wiring`: proxies of tests between
 * the functions and the embedded services.
 *
 * @throws UsageError, SynthesisError, DataDirInUseError, or the system's error when a port cannot be had
 */
export async function startHost(
  options: Options,
  env: Readonly<Record<string, string | undefined>>,
  note: (line: string) => void,
  wiring: Pick<StartCloudOptions, 'through'> = {},
): Promise<Host> {
  const dataDir = resolve(options.dataDir);
  const stops: (() => Promise<void>)[] = [];
  let isStopping = false;
  const stop = async () => {
    isStopping = true;
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    // Mistakes in the sources file are reported before anything is started.
    const simulated = needsSimulator(options);
    if (!simulated) readLocalSources(options, env, undefined);
    // The simulator is on this machine: no proxy and no certificate of the environment concerns it.
    const environment: Record<string, string> =
      options.qure.kind === 'simulator' ? {} : functionSurroundings(env);
    if (!makePrivateFolder(dataDir)) {
      note('Note:     the data directory belongs to another user: make sure that no other user can read it.');
    }
    const templatePath = await synthesizeAlone(options, dataDir, note);
    const simulator = simulated ? await startSimulator(dataDir) : undefined;
    if (simulator !== undefined) stops.push(() => simulator.close());
    const sources = readLocalSources(options, env, simulator?.credentials);
    if (
      environment['HTTPS_PROXY'] !== undefined &&
      sources.some(({ credentials }) => credentials.baseUrl.startsWith('https:'))
    ) {
      note(
        'Note:     HTTPS_PROXY is set: files of results come only from hosts that network.assetHosts names, see docs/on-premises.md.',
      );
    }

    const phiKey = options.phi === 'show' ? lastingSecret(join(dataDir, 'phi-key')) : undefined;
    const patientKey = lastingSecret(join(dataDir, 'patient-key'));
    const names = { path: '', prefix: '', patientKey: '' };
    let pageOrigins: string[] = [];
    const cloud = await startCloud({
      templatePath,
      dataDir,
      s3Port: options.s3Port,
      ...wiring,
      environment,
      pageOrigins: () => pageOrigins,
      groupOfKey: (key) => sourceNameOfKey(key, sources),
      ...(phiKey !== undefined && { cipher: createLocalCipher(phiKey) }),
      parameters: () => parametersOf(sources, names.path),
      secrets: () => ({ ...secretsOf(sources, names.prefix), [names.patientKey]: patientKey }),
      log: ({ from, message }) => {
        if (from === 'host' && !isStopping) note(message);
      },
    });
    stops.push(() => cloud.stop());
    names.path = expectOutput(cloud, 'SourcesPath');
    names.prefix = expectOutput(cloud, 'SecretsPrefix');
    names.patientKey = expectOutput(cloud, 'PatientKeySecretName');

    const qure = qureName(sources, simulator?.credentials.baseUrl);
    const simulatedSources = new Set(
      sources
        .filter(({ credentials }) => credentials.baseUrl === simulator?.credentials.baseUrl)
        .map(({ source }) => source.name),
    );
    const dropUrl = `s3://${cloud.buckets.drop}/${sources[0]?.source.prefix ?? ''}`;
    const console = await startConsole({
      port: options.port,
      qure,
      simulatedSources: [...simulatedSources],
      s3Endpoint: cloud.endpoints.s3,
      dropUrl,
      invokeApi: async (event) =>
        (await cloud.invoke('serve-api', event)) as APIGatewayProxyStructuredResultV2,
      reconcile: (request) => cloud.invoke('reconcile', request),
      drop: {
        s3Endpoint: cloud.endpoints.s3,
        region: cloud.clientConfig('s3').region,
        bucket: cloud.buckets.drop,
        sources: sources.map(({ source: { name, prefix } }) => ({ name, prefix })),
      },
    });
    stops.push(() => console.close());
    pageOrigins = ['127.0.0.1', 'localhost'].map((name) => `http://${name}:${console.port}`);
    stops.push(tellConsole(dataDir, console.url));

    const tableName = expectOutput(cloud, 'TableName');
    const stores = createStores(new DynamoDBClient(cloud.clientConfig('dynamodb')), tableName);
    // Open series have lost their function run, so their messages are sent now instead of when they are due. No queue is
    // read before: a message that was delayed may be due, and the time in which nothing could be dropped is no silence.
    await cloud.invoke('sweep', { everything: true });
    cloud.begin();
    return {
      cloud,
      console,
      sources,
      dropUrl,
      qure,
      simulatedSources,
      // An upload to Qure cannot be undone.
      takesSamples: sources.every(({ credentials }) => isLoopbackBaseUrl(credentials.baseUrl)),
      s3: new S3Client({ ...cloud.clientConfig('s3'), forcePathStyle: true }),
      watch: new SeriesWatch(stores, { isWhole: options.once || options.jsonFile !== undefined }),
      queues: {
        ingest: lastSegment(expectOutput(cloud, 'IngestQueueUrl')),
        completion: lastSegment(expectOutput(cloud, 'CompletionQueueUrl')),
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Not while a host runs on the same data directory: its bundles would be replaced. */
async function synthesizeAlone(
  { phi, port, s3Port }: Options,
  dataDir: string,
  note: (line: string) => void,
): Promise<string> {
  const unlock = await lockDataDir(dataDir, LOCK_WAIT_MS);
  try {
    await requireFreePorts([port, s3Port]);
    return await synthesize(join(dataDir, 'stack'), contextOf(phi), () =>
      note('Prepares: bundling the functions, which takes up to a minute at the first start.'),
    );
  } finally {
    unlock();
  }
}

/** Without the default: a stack that is synthesized without options is the same. */
function contextOf(phi: Options['phi']): Record<string, string> {
  return phi === 'show' ? { phi } : {};
}

/** A secret of this data directory, generated at its first start. */
function lastingSecret(path: string): string {
  if (!existsSync(path)) writeFileSync(path, randomBytes(32).toString('hex'), { mode: 0o600 });
  return readFileSync(path, 'utf8');
}

type RunningSimulator = Pick<QureSimulator, 'close'> & {
  credentials: { baseUrl: string; token: string; source: string };
};

/**
 * The simulator keeps its data, like Qure: they survive a restart. Its token is generated once for a data directory.
 */
async function startSimulator(dataDir: string): Promise<RunningSimulator> {
  const token = lastingSecret(join(dataDir, 'simulator-token'));
  const source = 'simulated-workspace';
  const simulator = await startQureSimulator({
    token,
    source,
    computeDelayMs: SIMULATED_COMPUTE_MS,
    statePath: join(dataDir, 'simulator.jsonl'),
  });
  return { close: () => simulator.close(), credentials: { baseUrl: simulator.baseUrl, token, source } };
}

function qureName(sources: readonly LocalSource[], simulatorUrl: string | undefined): QureName {
  const urls = new Set(sources.map(({ credentials }) => credentials.baseUrl));
  return [...urls].map((url) => (url === simulatorUrl ? 'simulator' : url)).join(', ');
}

function lastSegment(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

function expectOutput(cloud: LocalCloud, name: string): string {
  const value = cloud.outputs[name];
  if (value === undefined) throw new Error(`expected the stack to have the output ${name}; see infra/`);
  return value;
}
