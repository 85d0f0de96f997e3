import { APP_DIMENSION, METRIC_NAMESPACE, type MetricName } from '../shared/metrics.ts';
import { costOf, PRICES, PRICES_AS_OF, PRICES_REGION, type PriceName } from '../shared/prices.ts';
import type * as z from '../shared/schema.ts';
import type { Instant } from '../shared/time.ts';
import type { monthCost } from './month-cost-schema.ts';

export type MonthCost = z.output<typeof monthCost>;

/** What `infra/` tells the function of the API; its own name and memory are in the variables of Lambda. */
export interface BilledVariable {
  appName: string;
  functions: readonly { name: string; memoryMb: number }[];
  httpApiId?: string;
}

/** The resources of a deployment whose use CloudWatch counts free of charge. */
export interface Billed extends BilledVariable {
  region: string;
  tableName: string;
  indexNames: readonly string[];
  /** Dead-letter queues too. */
  queueNames: readonly string[];
  bucketNames: readonly string[];
}

type Statistic = 'Sum' | 'Average';

export interface CountedMetric {
  namespace: string;
  name: string;
  dimensions: Readonly<Record<string, string>>;
  /** Of each day. */
  statistic: Statistic;
}

/** Whole days in UTC: from the first of the month to the end of the present day. */
export interface MonthSoFar {
  since: Instant;
  until: Instant;
}

/** The sum over the days of each metric, in their order; 0 where nothing was counted. */
export type CountUse = (metrics: readonly CountedMetric[], month: MonthSoFar) => Promise<readonly number[]>;

/** One line of the bill: of each of its metrics, how many units of the price one is. */
interface Use {
  service: string;
  counted: string;
  price: PriceName;
  metrics: readonly (CountedMetric & { units: number })[];
}

const MB_A_GB = 1024;
/** As AWS bills storage. Source: Amazon S3 FAQs, "How will I be charged and billed". */
const BYTES_A_GB = 1024 ** 3;
const DAY_MS = 86_400_000;

const MISSING = [
  'Requests to S3, those of the senders included: CloudWatch counts them at an extra charge only.',
  'Monthly fees: alarms, custom metrics, dashboard, keys and secrets.',
  'Logs, traces, events of EventBridge, and requests to KMS, Secrets Manager and CloudWatch, this one included.',
  'Storage of the table and its backup, and of objects in other classes than S3 Standard.',
  'Starts of functions: Lambda bills them, and counts them in no metric of durations.',
  'NAT gateways and endpoints of a VPC, free tiers, discounts, taxes, and what Qure charges.',
];

/** @param now decides the month */
export async function monthCostOf(billed: Billed, countUse: CountUse, now: Date): Promise<MonthCost> {
  const month = monthUntil(now);
  const uses = usesOf(billed, daysOf(now));
  const sums = await countUse(metricsOf(uses), month);
  let at = 0;
  const items = uses.map(({ service, counted, price, metrics }) => {
    const quantity = metrics.reduce((sum, { units }) => sum + units * (sums[at++] ?? 0), 0);
    const { usd, per, unit } = PRICES[price];
    const metric = [...new Set(metrics.map(({ namespace, name }) => `${namespace} ${name}`))].join(', ');
    return { service, counted, quantity, price: { usd, per, unit }, usd: costOf(price, quantity), metric };
  });
  const { region } = billed;
  return {
    since: month.since,
    asOf: now.toISOString(),
    usd: items.reduce((sum, item) => sum + item.usd, 0),
    items,
    missing:
      region === PRICES_REGION
        ? MISSING
        : [`The prices of ${region}: these are those of ${PRICES_REGION}.`, ...MISSING],
    region,
    prices: { region: PRICES_REGION, asOf: PRICES_AS_OF },
  };
}

/** How many metrics one answer asks for: CloudWatch charges for each. */
export function countMetrics(billed: Billed): number {
  return metricsOf(usesOf(billed, 30)).length;
}

function metricsOf(uses: readonly Use[]): CountedMetric[] {
  return uses.flatMap(({ metrics }) => metrics);
}

/**
 * Sources: the metrics and dimensions of AWS Lambda, Amazon DynamoDB (on demand a request unit is a consumed capacity unit; a table
 * and each of its indexes count apart), Amazon SQS, API Gateway (HTTP API) and Amazon S3 in their developer guides.
 */
function usesOf(billed: Billed, daysOfMonth: number): Use[] {
  const { appName, functions, httpApiId, tableName, indexNames, queueNames, bucketNames } = billed;
  const ofTable = [
    { TableName: tableName },
    ...indexNames.map((index) => ({ TableName: tableName, GlobalSecondaryIndexName: index })),
  ];
  const uploadedBytes: MetricName = 'UploadedBytes';
  return [
    {
      service: 'Lambda',
      counted: 'invocations',
      price: 'lambdaRequest',
      metrics: functions.map(({ name }) => sumOf('AWS/Lambda', 'Invocations', { FunctionName: name })),
    },
    {
      service: 'Lambda',
      counted: 'time × memory',
      price: 'lambdaGbSecond',
      metrics: functions.map(({ name, memoryMb }) =>
        sumOf('AWS/Lambda', 'Duration', { FunctionName: name }, memoryMb / MB_A_GB / 1000),
      ),
    },
    {
      service: 'DynamoDB',
      counted: 'writes of the table and its indexes',
      price: 'dynamoWriteUnit',
      metrics: ofTable.map((dimensions) => sumOf('AWS/DynamoDB', 'ConsumedWriteCapacityUnits', dimensions)),
    },
    {
      service: 'DynamoDB',
      counted: 'reads of the table and its indexes',
      price: 'dynamoReadUnit',
      metrics: ofTable.map((dimensions) => sumOf('AWS/DynamoDB', 'ConsumedReadCapacityUnits', dimensions)),
    },
    {
      service: 'SQS',
      counted: 'messages sent, received and deleted, and empty polls: at most so many requests',
      price: 'sqsRequest',
      metrics: SQS_METRICS.flatMap((name) =>
        queueNames.map((queue) => sumOf('AWS/SQS', name, { QueueName: queue })),
      ),
    },
    ...(httpApiId === undefined
      ? []
      : [
          {
            service: 'API Gateway',
            counted: 'requests to the HTTP API',
            price: 'httpApiRequest',
            metrics: [sumOf('AWS/ApiGateway', 'Count', { ApiId: httpApiId })],
          } as const,
        ]),
    {
      service: 'S3',
      counted: 'storage of both buckets, old versions included; a day late',
      price: 's3Storage',
      metrics: bucketNames.map((bucket) => ({
        ...sumOf(
          'AWS/S3',
          'BucketSizeBytes',
          { BucketName: bucket, StorageType: 'StandardStorage' },
          1 / BYTES_A_GB / daysOfMonth,
        ),
        statistic: 'Average',
      })),
    },
    {
      service: 'Transfer',
      counted: 'bytes that Qure has taken, as if over the internet',
      price: 'egress',
      metrics: [sumOf(METRIC_NAMESPACE, uploadedBytes, { [APP_DIMENSION]: appName }, 1 / BYTES_A_GB)],
    },
  ];
}

const SQS_METRICS = [
  'NumberOfMessagesSent',
  'NumberOfMessagesReceived',
  'NumberOfMessagesDeleted',
  'NumberOfEmptyReceives',
];

function sumOf(namespace: string, name: string, dimensions: CountedMetric['dimensions'], units = 1) {
  return { namespace, name, dimensions, statistic: 'Sum' as Statistic, units };
}

function monthUntil(now: Date): MonthSoFar {
  const since = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
  const days = Math.floor((now.getTime() - since.getTime()) / DAY_MS) + 1;
  return { since: since.toISOString(), until: new Date(since.getTime() + days * DAY_MS).toISOString() };
}

function daysOf(now: Date): number {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 0)).getUTCDate();
}
