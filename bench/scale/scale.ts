import type { Benchmark, Findings } from '../benchmark.ts';
import { startEmbeddedCloud } from '../embedded-cloud.ts';
import { type LimitUse, type Load, loadOf, type Mix, RUN_SECONDS, useOf } from './load.ts';
import { countCt, countXRay, type SeriesWork } from './series-work.ts';

const SLICES = 300;
const INSTANCES_A_DAY = [1e5, 1e6, 1e7, 1e8] as const;
/** Limits that a row names. */
const SHOWN = 3;
/** Two of a hundred instances are X-rays: six of seven series. */
const X_RAYS_OF_A_HOSPITAL = 0.02;

/** A day at 10^5 to 10^8 instances: the hottest partition, the oldest message, concurrency, cost, and what breaks first. */
export const scale: Benchmark = {
  name: 'scale',
  run: () => scaleFindings(SLICES),
};

export async function scaleFindings(slices: number): Promise<Findings[]> {
  const cloud = await startEmbeddedCloud();
  try {
    const [ct, xRay] = [await countCt(cloud, slices), await countXRay(cloud)];
    const loads = mixesOf(ct, xRay).flatMap((mix) => INSTANCES_A_DAY.map((day) => loadOf(mix, day)));
    return [daysOf(loads, slices), workOf([ct, xRay])];
  } finally {
    await cloud.close();
  }
}

export function mixesOf(ct: SeriesWork, xRay: SeriesWork): Mix[] {
  return [
    { name: 'CT', parts: [{ work: ct, share: 1 }] },
    {
      name: 'hospital',
      parts: [
        { work: ct, share: 1 - X_RAYS_OF_A_HOSPITAL },
        { work: xRay, share: X_RAYS_OF_A_HOSPITAL },
      ],
    },
    { name: 'X-ray', parts: [{ work: xRay, share: 1 }] },
  ];
}

function daysOf(loads: readonly Load[], slices: number): Findings {
  return {
    title: 'Scale: a day with a burst of 20 times the mean for 10 minutes',
    columns: [
      'instances a day, mix',
      'objects a second: mean, busy hour, burst',
      'oldest event',
      'oldest job',
      'runs at once: ingest, check, compute, results',
      'hottest partition',
      'table write units a second',
      'US$ for 1,000 series',
      'first limit that breaks',
    ],
    rows: loads.map((load) => [
      `10^${Math.log10(load.instancesADay)} ${load.mix}`,
      [load.arrivals.mean, load.arrivals.busyHour, load.arrivals.burst].map(rounded).join(', '),
      seconds(load.ingest.oldestSeconds),
      seconds(load.compute.oldestSeconds),
      Object.values(load.concurrency).join(', '),
      hottest(load),
      rounded(load.limits.find(({ name }) => name === 'write units of the table')?.used ?? 0),
      load.dollarsFor1000Series.toFixed(2),
      firstBroken(load.limits),
    ]),
    notes: [
      `The real handlers take one CT series of ${slices} slices and one X-ray through the embedded services; their requests and units are counted. These counts drive a model of the queues in virtual time, a second a step: 10^8 instances are not run.`,
      `Modelled: partitions of 1,000 write and 3,000 read units a second, and the default quotas of an account: 40,000 units a second for a table, 1,000 concurrent executions, 120,000 messages in flight, 5,500 GETs and 3,500 PUTs a second below a prefix, 40 requests a second to Parameter Store. One source sends everything, the worst case for its partitions.`,
      `Taken to be: a run of the indexer ${RUN_SECONDS.ingest} s, an upload ${RUN_SECONDS.upload.CT} s (CT) or ${RUN_SECONDS.upload['X-ray']} s (X-ray), a poll ${RUN_SECONDS.poll} s. Each stage has the concurrency that the busy hour needs and a fifth more, at least the default; the burst waits in the queues.`,
      'A new table starts with 4,000 write units a second and doubles its peak within 30 minutes. A source with limits writes its row twice for each series, which ends at 500 series a second. 10^8 X-rays a day are ten times what the world makes (WHO: 3.6 billion examinations a year).',
    ],
  };
}

function workOf(works: readonly SeriesWork[]): Findings {
  const keys = [...new Set(works.flatMap(({ indexUnits }) => [...indexUnits.keys()]))].sort();
  const row = (name: string, of: (work: SeriesWork) => number) => [
    name,
    ...works.map((work) => rounded(of(work))),
  ];
  return {
    title: 'Scale: counted for one series',
    columns: ['', ...works.map(({ kind, instances }) => `${kind}, ${instances} instances`)],
    rows: [
      row('write units', ({ writeUnits }) => writeUnits),
      row('read units', ({ readUnits }) => readUnits),
      ...keys.map((key) => row(`of them in ${key}`, ({ indexUnits }) => indexUnits.get(key) ?? 0)),
    ],
    notes: [],
  };
}

function hottest({ limits }: Load): string {
  const [first] = limits.filter(({ kind }) => kind === 'ours');
  return first === undefined
    ? ''
    : `${first.name.replace('partition of ', '')}: ${rounded(first.used)} of ${first.limit}`;
}

function firstBroken(limits: readonly LimitUse[]): string {
  const broken = limits.filter((limit) => useOf(limit) > 1);
  const text = ({ name, used, limit }: LimitUse) => `${name} (${rounded(used)} of ${rounded(limit)})`;
  const [next] = limits;
  const ours = broken.filter(({ kind }) => kind === 'ours').length;
  const more =
    broken.length > SHOWN ? `, and ${broken.length - SHOWN} more (${ours} of the table's design)` : '';
  if (broken.length > 0) return broken.slice(0, SHOWN).map(text).join(', then ') + more;
  return next === undefined ? 'none' : `none; nearest: ${next.name}, ${Math.round(100 * useOf(next))} %`;
}

function rounded(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 });
}

function seconds(value: number): string {
  return value < 120 ? `${value} s` : `${Math.round(value / 60)} min`;
}
