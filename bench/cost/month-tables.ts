import { countMetrics } from '../../functions/api/month-cost.ts';
import { INDEXES } from '../../functions/aws/table/keys.ts';
import { costOf } from '../../functions/shared/prices.ts';
import { FUNCTION_NAMES } from '../../infra/function-names.ts';
import { CANARY, RECONCILE, STAGES, SWEEP } from '../../infra/limits.ts';
import type { Findings } from '../benchmark.ts';
import { DAYS_A_MONTH, GB, HOURS_A_MONTH, type Kind, SHARE_OF_TRACES, SIZES } from './assumptions.ts';
import type { CountedDesigns } from './count-all.ts';
import type { DeployedParts } from './default-template.ts';
import { busyMonth, idleMonth, type MonthLine, sourceMonth, sumOf } from './idle-month.ts';
import { type SeriesCost, totalOf } from './series-bill.ts';
import { gbMonths, RESTORABLE_DAYS } from './storage.ts';
import { numberText, usd } from './texts.ts';
import { costBetween, type Kept, natMonth, type Site, sumOfYear, yearOf } from './year.ts';

const BILLED = 1_000;
const SCAN_DAYS = 30;
const FOR_EVER: Kept = { scanDays: Infinity, rowDays: Infinity };
const EXPIRING: Kept = { scanDays: SCAN_DAYS, rowDays: Infinity };
/** The middle one: 100,000 instances a day, of which two of a hundred are X-rays. */
const SITES: readonly Site[] = [
  { name: 'a practice: 10 CTs and 60 X-rays a day', ctADay: 10, xRaysADay: 60 },
  { name: 'a hospital: 327 CTs and 2,000 X-rays a day', ctADay: 327, xRaysADay: 2_000 },
  { name: 'a group: ten such hospitals', ctADay: 3_270, xRaysADay: 20_000 },
];

/** By `GET /v1/costs`, of a deployment with a canary. */
const METRICS_ASKED = countMetrics({
  appName: '',
  region: '',
  functions: FUNCTION_NAMES.map((name) => ({ name, memoryMb: 0 })),
  httpApiId: '',
  tableName: '',
  indexNames: Object.keys(INDEXES),
  // Each with its dead letters.
  queueNames: Object.keys(STAGES).flatMap((stage) => [stage, `${stage}-dead`]),
  bucketNames: ['drop', 'results'],
});

/** What storage, a month without scans, and a year cost. */
export function monthTables(designs: CountedDesigns, parts: DeployedParts): Findings[] {
  const traces = HOURS_A_MONTH * 60 * (1 / SWEEP.everyMinutes + 1 / RECONCILE.everyMinutes) * SHARE_OF_TRACES;
  const idle = idleMonth(parts, designs.idle);
  const busy = busyMonth(designs.metrics, traces);
  return [
    storage(designs),
    month('US$ a month without scans', idle, [
      `One source, ${parts.alarms} alarms. The parts are counted in the template, the requests in one run of each function on an empty table.`,
    ]),
    month('US$ a month more with scans', busy, []),
    options(designs),
    years(designs, sumOf(idle) + sumOf(busy)),
  ];
}

function month(title: string, lines: readonly MonthLine[], notes: string[]): Findings {
  return {
    title,
    columns: ['', 'number', 'US$'],
    rows: [
      ...lines.map(({ label, count, usd: price }) => [label, numberText(count), usd(price)]),
      ['together', '', usd(sumOf(lines))],
    ],
    notes,
  };
}

function options({ canary, metrics }: CountedDesigns): Findings {
  const studies = (HOURS_A_MONTH * 60) / CANARY.everyMinutes;
  return {
    title: 'US$ a month of what is optional',
    columns: ['', 'US$'],
    rows: [
      ['a further source', usd(sourceMonth(metrics, 'all'))],
      ['the same with metricsBySource: failures', usd(sourceMonth(metrics, 'failures'))],
      ['the same with metricsBySource: none', usd(sourceMonth(metrics, 'none'))],
      ['a canary each hour', usd(studies * totalOf(canary))],
      ['a NAT gateway and its address, without traffic', usd(natMonth())],
      ['a million requests to the HTTP API', usd(costOf('httpApiRequest', 1_000_000))],
      ['the cost of the month, asked each hour', usd(costOf('metricRequest', HOURS_A_MONTH * METRICS_ASKED))],
    ],
    notes: [],
  };
}

function storage({ ct, xRay, rowBytes }: CountedDesigns): Findings {
  const kinds = [ct, xRay];
  const months = [
    { name: 'month 1', span: [0, 1] },
    { name: 'month 12', span: [11, 12] },
    { name: 'the year', span: [0, 12] },
  ] as const;
  const row = (
    label: string,
    gbOf: (series: SeriesCost) => number,
    price: (gbs: number) => number,
    days: number,
  ) => [
    label,
    ...kinds.flatMap((series) =>
      months.map(({ span: [from, to] }) => usd(price(BILLED * gbOf(series) * gbMonths(from, to, days)))),
    ),
  ];
  const s3 = (gbs: number) => costOf('s3Storage', gbs);
  const table = (gbs: number) => costOf('dynamoStorage', gbs) + costOf('dynamoBackup', gbs);
  const scanGb = ({ kind, instances }: SeriesCost) => (instances * SIZES[kind].instanceBytes) / GB;
  return {
    title: 'US$ of storage, where 1,000 series arrive each month',
    columns: ['', ...kinds.flatMap(({ kind }) => months.map(({ name }) => `${kind}, ${name}`))],
    rows: [
      row('scans, kept for ever', scanGb, s3, Infinity),
      row(`scans, ${SCAN_DAYS} days`, scanGb, s3, SCAN_DAYS + RESTORABLE_DAYS),
      row('results', ({ kind }) => SIZES[kind].resultBytes / GB, s3, Infinity),
      row('rows, with point-in-time recovery', ({ kind }) => rowBytes[kind] / GB, table, Infinity),
    ],
    notes: [
      `An expired scan is an old version for ${RESTORABLE_DAYS} days more, and costs as much. A result is taken to have ${mb('CT')} MB (CT) or ${mb('X-ray')} MB (X-ray). Rows are measured: ${numberText(rowBytes.CT / 1000)} KB a CT, ${numberText(rowBytes['X-ray'] / 1000)} KB an X-ray.`,
    ],
  };
}

function mb(kind: Kind): number {
  return SIZES[kind].resultBytes / 1_000_000;
}

function years(designs: CountedDesigns, fixedAMonth: number): Findings {
  const rows = SITES.flatMap((site) =>
    [
      { name: `${site.name}, all kept`, kept: FOR_EVER },
      { name: `the same, scans for ${SCAN_DAYS} days`, kept: EXPIRING },
    ].map(({ name, kept }) => {
      const year = yearOf(designs, site, kept, fixedAMonth);
      const last = costBetween(designs, site, kept, fixedAMonth, [11, 12]);
      return [name, ...Object.values(year).map(whole), whole(sumOfYear(year)), whole(sumOfYear(last))];
    }),
  );
  return {
    title: 'US$ of the first year',
    columns: [
      '',
      'requests and run time',
      'transfer to Qure',
      'scans',
      'rows',
      'results and logs',
      'deployment',
      'the year',
      'month 12',
    ],
    rows,
    notes: [
      `A month has ${DAYS_A_MONTH.toFixed(1)} days. Without discounts for volume, which begin at 10 TB of transfer and 50 TB of storage. Not in it: Qure, taxes, support, an export of metrics, and the reconciliation's requests by stored object (docs/costs.md).`,
    ],
  };
}

function whole(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}
