import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { createHandler as createCanary } from '../../../functions/handlers/canary/handler.ts';
import { createDeps as canaryDeps } from '../../../functions/handlers/canary/index.ts';
import { createDeps as pollResultsDeps } from '../../../functions/handlers/poll-results/index.ts';
import type { CanarySettings } from '../../../functions/recovery/canary/canary.ts';
import { clientOf, type Wire } from '../../services/wire.ts';
import { dropsOf } from '../../simulation/drops.ts';
import { FunctionProcess } from '../../simulation/function-process.ts';
import { seriesUidOf } from '../../simulation/scans.ts';
import { type Scenario, scenarioOf } from '../../simulation/scenario.ts';
import { environmentOf, runtimeOf } from '../../simulation/stages.ts';
import { SimulatedWorld } from '../../simulation/world.ts';
import { DROP_BUCKET, RESULTS_BUCKET, STAGE_NAMES, TABLE } from '../../simulation/world-names.ts';
import type { Recording } from './record-calls.ts';

/** Long after every series of the scenario has its result. */
const LATER_SECONDS = 7_200;

const SERIES: Scenario['series'][number] = {
  source: 0,
  kind: 'head-ct',
  instances: 3,
  startsAtSeconds: 0,
  spreadSeconds: 10,
  isShuffled: false,
  lateInstances: 0,
  lateAfterSeconds: 0,
  repetitions: [],
  deletions: [],
};

/** Nothing goes wrong by itself: two series, one of them urgent, whose results come. */
const CALM: Scenario = {
  ...scenarioOf(1),
  sources: [{ quietPeriodSeconds: 5, compute: 'call', delivery: 'upload' }],
  series: [SERIES, { ...SERIES, kind: 'stroke-ct' }],
  rubbish: [],
  operator: [],
  faults: [],
  ambientFaults: [],
  maxSkewMs: 0,
  indexLagMs: 0,
  isVersioned: true,
};

/**
 * What is rare in the scenarios, once each: a message on every queue that nobody understands, dead letters that are looked at and
 * sent back, every route of the API, a result that is gone, an upload that breaks off behind its first part,
 * and a result that is marked as superseded.
 */
export async function playRareThings(recording: Recording): Promise<void> {
  const world = new SimulatedWorld(CALM);
  recording.watch(world);
  for (const { atSeconds, key, bytes } of dropsOf(CALM))
    world.planFromOutside(atSeconds, () => {
      world.bucket.execute(new PutObjectCommand({ Bucket: DROP_BUCKET, Key: key, Body: bytes }));
    });
  for (const stage of STAGE_NAMES)
    world.planFromOutside(60, () => {
      world.pipeline.queueOf(stage).send('{"what":"no message of ours"}');
      world.wake();
    });
  planBrokenUpload(world);
  planMark(world);
  const ask = (atSeconds: number, routes: readonly Request[]) => {
    for (const [at, route] of routes.entries())
      world.planFromOutside(atSeconds + at, () => void world.stages.callApi(...route));
  };
  ask(LATER_SECONDS, READING);
  world.planFromOutside(LATER_SECONDS + 60, () => deleteResults(world));
  ask(LATER_SECONDS + 61, READING);
  ask(LATER_SECONDS + 120, CHANGING);
  await world.run();
  await runCanaries(world, recording);
}

/** It is no stage of the simulation. The second run looks for what became of the study of the first. */
async function runCanaries(world: SimulatedWorld, recording: Recording): Promise<void> {
  const wire: Wire = async (request) => recording.observed('canary', request).execute();
  const settings: CanarySettings = {
    source: 'alpha',
    prefix: 'alpha/',
    everyMinutes: 60,
    withinMinutes: 60,
    expectedStates: ['DONE'],
  };
  let nowMs = world.scheduler.nowMs();
  const deps = canaryDeps(
    { ...environmentOf(world), canary: JSON.stringify(settings) },
    {
      table: {
        client: clientOf(world.table, wire),
        tableName: TABLE,
        sleep: async () => {},
        random: () => 0,
      },
      s3: clientOf(world.buckets, wire),
      clock: () => new Date(nowMs),
      log: () => {},
      meter: () => {},
    },
  );
  const canary = createCanary(deps);
  await canary({});
  nowMs += 30 * 60_000;
  await canary({});
}

type Request = Parameters<SimulatedWorld['stages']['callApi']>;

const UID = seriesUidOf(SERIES.kind, 0);

const READING: readonly Request[] = [
  ['GET', `/v1/series/${UID}/results`],
  ['GET', '/v1/health'],
  ['GET', '/v1/sources'],
  ['GET', '/v1/turnaround'],
  ['GET', '/v1/series'],
  ['GET', '/v1/series', undefined, { state: 'DONE' }],
  ['GET', '/v1/series', undefined, { study: UID }],
  ['GET', `/v1/series/${UID}`],
  ['GET', `/v1/series/${UID}`, undefined, { source: 'alpha' }],
  ['GET', '/v1/quarantine'],
  ['GET', '/v1/dead-letters'],
];

const CHANGING: readonly Request[] = [
  ['POST', '/v1/dead-letters/redrive', {}],
  ['POST', `/v1/series/${UID}/retry`, { recompute: true }],
  ['POST', `/v1/series/${seriesUidOf('stroke-ct', 1)}/retry`, { recompute: true }],
  ['POST', '/v1/series/retry', { source: 'alpha' }],
];

function deleteResults(world: SimulatedWorld): void {
  const { Contents = [] } = world.results.execute(
    new ListObjectsV2Command({ Bucket: RESULTS_BUCKET }),
  ) as ListObjectsV2CommandOutput;
  for (const { Key } of Contents)
    world.results.execute(new DeleteObjectCommand({ Bucket: RESULTS_BUCKET, Key }));
}

/** No asset of the simulated Qure is large enough for an upload in parts. */
function planBrokenUpload(world: SimulatedWorld): void {
  world.planFromOutside(60, () => {
    const process = new FunctionProcess('poll-results', 0, world);
    const { results } = pollResultsDeps(environmentOf(world), runtimeOf(world, process));
    void results
      .putStream('alpha/large', Readable.from(brokenAsset()), 'application/octet-stream')
      .catch(() => undefined);
  });
}

/** No scenario of few seeds need have a later result. */
function planMark(world: SimulatedWorld): void {
  world.planFromOutside(LATER_SECONDS - 60, () => {
    const process = new FunctionProcess('poll-results', 0, world);
    const { results } = pollResultsDeps(environmentOf(world), runtimeOf(world, process));
    void results.tag('alpha/large', { supersededBy: '2' });
  });
}

function* brokenAsset(): Generator<Buffer> {
  for (let part = 0; part < 5; part += 1) yield Buffer.alloc(4 * 1024 * 1024);
  throw new Error('the asset broke off');
}
