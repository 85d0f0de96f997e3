import { DUE_SHARDS, shardsOf } from '../../functions/aws/table/keys.ts';
import { STAGES } from '../../infra/limits.ts';
import { type Arrivals, arrivalsOf, type QueueRun, runQueue } from './day.ts';
import type { SeriesWork } from './series-work.ts';

/** The part of all instances that each kind of series has. */
export interface Mix {
  name: string;
  parts: readonly { work: SeriesWork; share: number }[];
}

/** Seconds of a run. Documented or assumed, and named in the output: they are the network's and Qure's, not the code's. */
export const RUN_SECONDS = {
  ingest: 0.47,
  completion: 0.2,
  poll: 1,
  upload: { CT: 120, 'X-ray': 3 },
} as const;
/** Checks of a series by the quiet period while the queue is never empty. */
const CHECKS = 3;
/** A sender on a line of 1 Gbit/s: how fast the rows of one series come. */
const SLICES_A_SECOND = 220;
const SOURCES = 10;
const SOURCES_A_REQUEST = 10;
const LOADS_EVERY_SECONDS = 50;

export interface LimitUse {
  name: string;
  /** `ours`: the design of the table. `quota`: of the account or of a service of AWS. */
  kind: 'ours' | 'quota';
  used: number;
  limit: number;
}

export interface Load {
  mix: string;
  instancesADay: number;
  arrivals: Arrivals;
  ingest: QueueRun;
  compute: QueueRun;
  /** By stage: what the busy hour needs, at least the default. */
  concurrency: Readonly<Record<'ingest' | 'completion' | 'compute' | 'results', number>>;
  /** Highest use first. */
  limits: readonly LimitUse[];
  dollarsFor1000Series: number;
}

/** A day of so many instances: stages that are sized for the busy hour, and a burst that waits in the queues. */
export function loadOf(mix: Mix, instancesADay: number): Load {
  const arrivals = arrivalsOf(instancesADay);
  const perObject = (of: (work: SeriesWork) => number) =>
    mix.parts.reduce((sum, { work, share }) => sum + (share / work.instances) * of(work), 0);
  const seriesPerObject = perObject(() => 1);
  const uploadSeconds = perObject(({ kind }) => RUN_SECONDS.upload[kind]);
  const busySeries = arrivals.busyHour * seriesPerObject;
  const concurrency = {
    ingest: atLeast(
      STAGES.ingest.maxConcurrency,
      (arrivals.busyHour / STAGES.ingest.batchSize) * RUN_SECONDS.ingest,
    ),
    completion: atLeast(
      STAGES.completion.maxConcurrency,
      (busySeries * CHECKS * RUN_SECONDS.completion) / STAGES.completion.batchSize,
    ),
    compute: atLeast(
      STAGES.compute.maxConcurrency + STAGES.urgentCompute.maxConcurrency,
      arrivals.busyHour * uploadSeconds,
    ),
    results: atLeast(
      STAGES.results.maxConcurrency + STAGES.urgentResults.maxConcurrency,
      arrivals.busyHour * perObject(({ polls }) => polls) * RUN_SECONDS.poll,
    ),
  };
  const ingest = runQueue(
    arrivals.perSecond,
    (concurrency.ingest * STAGES.ingest.batchSize) / RUN_SECONDS.ingest,
  );
  const jobs = ingest.perSecond.map((objects) => objects * seriesPerObject);
  const compute = runQueue(jobs, (concurrency.compute * seriesPerObject) / uploadSeconds);
  return {
    mix: mix.name,
    instancesADay,
    arrivals,
    ingest,
    compute,
    concurrency,
    limits: limitsOf(mix, ingest.busiest, concurrency).sort((a, b) => useOf(b) - useOf(a)),
    dollarsFor1000Series: (1000 * perObject((work) => work.dollars)) / seriesPerObject,
  };
}

export function useOf({ used, limit }: LimitUse): number {
  return used / limit;
}

function atLeast(standard: number, needed: number): number {
  return Math.max(standard, Math.ceil(needed * 1.2));
}

/** What the busiest second of the ingest asks for. The later stages are taken to be as fast. */
function limitsOf(mix: Mix, objects: number, concurrency: Load['concurrency']): LimitUse[] {
  const rateOf = (work: SeriesWork, share: number) => (objects * share) / work.instances;
  const perSecond = (of: (work: SeriesWork) => number) =>
    mix.parts.reduce((sum, { work, share }) => sum + rateOf(work, share) * of(work), 0);
  const indexKeys = new Set(mix.parts.flatMap(({ work }) => [...work.indexUnits.keys()]));
  const partitions = [...indexKeys].map((key) => ({
    name: `partition of ${key}`,
    kind: 'ours' as const,
    used: perSecond(({ indexUnits }) => indexUnits.get(key) ?? 0) / shardsFor(key),
    limit: 1_000,
  }));
  const running = Object.values(concurrency).reduce((sum, count) => sum + count);
  const slices = Math.max(...mix.parts.map(({ work }) => Math.min(work.instances, SLICES_A_SECOND)));
  return [
    ...partitions,
    { name: 'partition of the rows of one series', kind: 'ours', used: 1.1 * slices, limit: 1_000 },
    // Each process reads it at most once in two thirds of a second.
    { name: 'reads of the watermark', kind: 'ours', used: 1.5 * concurrency.completion, limit: 3_000 },
    {
      name: 'write units of the table',
      kind: 'quota',
      used: perSecond((work) => work.writeUnits),
      limit: 40_000,
    },
    {
      name: 'read units of the table',
      kind: 'quota',
      used: perSecond((work) => work.readUnits),
      limit: 40_000,
    },
    { name: 'concurrent executions of Lambda', kind: 'quota', used: running, limit: 1_000 },
    {
      name: 'maximum concurrency of one queue',
      kind: 'quota',
      used: Math.max(...Object.values(concurrency)),
      limit: 1_000,
    },
    {
      name: 'messages in flight of the ingest queue',
      kind: 'quota',
      used: concurrency.ingest * STAGES.ingest.batchSize,
      limit: 120_000,
    },
    { name: 'S3 GETs below one prefix', kind: 'quota', used: perSecond((work) => work.reads), limit: 5_500 },
    { name: 'S3 PUTs below one prefix', kind: 'quota', used: objects, limit: 3_500 },
    {
      name: 'requests to Parameter Store',
      kind: 'quota',
      used: (running * (SOURCES / SOURCES_A_REQUEST)) / LOADS_EVERY_SECONDS,
      limit: 40,
    },
  ];
}

function shardsFor(indexKey: string): number {
  return indexKey === 'byDue' ? DUE_SHARDS.length : shardsOf('').length;
}
