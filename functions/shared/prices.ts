/**
 * The list prices of one region, without free tiers and discounts for volume. One entry for each thing that AWS bills;
 * a price is of `per` units. Change a price here, run `npm run bench -- cost`, and copy its tables to docs/costs.md. Imports
 * nothing: the benchmarks count with them too.
 */

/** Of the prices. */
export const PRICES_REGION = 'us-east-1';
/** As the pages said in this year. Look again before a decision depends on a price. */
export const PRICES_AS_OF = '2025';

export interface Price {
  usd: number;
  per: number;
  unit: string;
  /** On https://aws.amazon.com. */
  page: string;
}

const S3 = '/s3/pricing/';
const DYNAMODB = '/dynamodb/pricing/on-demand/';
const LAMBDA = '/lambda/pricing/';
const EVENTBRIDGE = '/eventbridge/pricing/';
const CLOUDWATCH = '/cloudwatch/pricing/';
const VPC = '/vpc/pricing/';
const MILLION = 1_000_000;

export const PRICES = {
  s3Write: { usd: 0.005, per: 1_000, unit: 'PUT or LIST, S3 Standard', page: S3 },
  s3Read: { usd: 0.0004, per: 1_000, unit: 'GET or HEAD, S3 Standard', page: S3 },
  s3Storage: { usd: 0.023, per: 1, unit: 'GB-month, S3 Standard', page: S3 },
  dynamoWriteUnit: { usd: 0.625, per: MILLION, unit: 'write request unit', page: DYNAMODB },
  dynamoReadUnit: { usd: 0.125, per: MILLION, unit: 'read request unit', page: DYNAMODB },
  dynamoStorage: { usd: 0.25, per: 1, unit: 'GB-month, standard table class', page: DYNAMODB },
  dynamoBackup: { usd: 0.2, per: 1, unit: 'GB-month, point-in-time recovery', page: DYNAMODB },
  sqsRequest: { usd: 0.4, per: MILLION, unit: 'request, standard queue', page: '/sqs/pricing/' },
  lambdaRequest: { usd: 0.2, per: MILLION, unit: 'invocation', page: LAMBDA },
  lambdaGbSecond: { usd: 13.3334, per: MILLION, unit: 'GB-second, arm64', page: LAMBDA },
  event: { usd: 1, per: MILLION, unit: 'custom event', page: EVENTBRIDGE },
  logIngestion: { usd: 0.5, per: 1, unit: 'GB of log, ingested', page: CLOUDWATCH },
  logStorage: { usd: 0.03, per: 1, unit: 'GB-month of log', page: CLOUDWATCH },
  metric: { usd: 0.3, per: 1, unit: 'custom metric, a month', page: CLOUDWATCH },
  alarmMetric: { usd: 0.1, per: 1, unit: 'metric of an alarm, a month', page: CLOUDWATCH },
  dashboard: { usd: 3, per: 1, unit: 'dashboard, a month', page: CLOUDWATCH },
  metricRequest: { usd: 0.01, per: 1_000, unit: 'metric of GetMetricData', page: CLOUDWATCH },
  trace: { usd: 5, per: MILLION, unit: 'trace recorded', page: '/xray/pricing/' },
  key: { usd: 1, per: 1, unit: 'customer managed key, a month', page: '/kms/pricing/' },
  keyRequest: { usd: 0.03, per: 10_000, unit: 'KMS request', page: '/kms/pricing/' },
  secret: { usd: 0.4, per: 1, unit: 'secret, a month', page: '/secrets-manager/pricing/' },
  httpApiRequest: { usd: 1, per: MILLION, unit: 'HTTP API request', page: '/api-gateway/pricing/' },
  egress: { usd: 0.09, per: 1, unit: 'GB to the internet', page: '/ec2/pricing/on-demand/' },
  natHour: { usd: 0.045, per: 1, unit: 'hour of a NAT gateway', page: VPC },
  natGb: { usd: 0.045, per: 1, unit: 'GB through a NAT gateway', page: VPC },
  addressHour: { usd: 0.005, per: 1, unit: 'hour of a public IPv4 address', page: VPC },
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof PRICES;

/** US dollars of so many units. */
export function costOf(name: PriceName, count: number): number {
  const { usd, per } = PRICES[name];
  return (usd / per) * count;
}
