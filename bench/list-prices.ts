import { type CallCounts, DYNAMO_COMMANDS } from './call-counts.ts';

/**
 * List prices in us-east-1, US dollars each, without free tiers and volume discounts. Source: the pricing pages of Amazon S3
 * (Standard), Amazon DynamoDB (on-demand, standard table class), Amazon SQS (standard queues), AWS Lambda and
 * Amazon EventBridge (custom events), as of 2025: look again before a decision hangs on them.
 */
export const PRICES = {
  s3Write: 0.005 / 1_000,
  s3Read: 0.0004 / 1_000,
  dynamoWriteUnit: 0.625 / 1_000_000,
  dynamoReadUnit: 0.125 / 1_000_000,
  sqsRequest: 0.4 / 1_000_000,
  lambdaRequest: 0.2 / 1_000_000,
  event: 1 / 1_000_000,
} as const;

/** Names that the stage runner counts besides SDK commands. */
export const COUNTED = { sqs: 'SQS', lambda: 'Lambda', events: 'Events' } as const;

/** One line of a bill: how many, and the price of one. */
export interface BillLine {
  label: string;
  price: number;
  countIn(counts: CallCounts): number;
}

const S3_READS = ['GetObject', 'HeadObject'];
const S3_WRITES = [
  'PutObject',
  'ListObjectsV2',
  'CreateMultipartUpload',
  'UploadPart',
  'CompleteMultipartUpload',
];

export const BILL: readonly BillLine[] = [
  { label: 'S3 GET', price: PRICES.s3Read, countIn: (counts) => counts.of(...S3_READS) },
  { label: 'S3 PUT and LIST', price: PRICES.s3Write, countIn: (counts) => counts.of(...S3_WRITES) },
  { label: 'DynamoDB write units', price: PRICES.dynamoWriteUnit, countIn: (counts) => counts.writeUnits },
  { label: 'DynamoDB read units', price: PRICES.dynamoReadUnit, countIn: (counts) => counts.readUnits },
  { label: 'SQS requests', price: PRICES.sqsRequest, countIn: (counts) => counts.of(COUNTED.sqs) },
  {
    label: 'Lambda invocations',
    price: PRICES.lambdaRequest,
    countIn: (counts) => counts.of(COUNTED.lambda),
  },
  { label: 'EventBridge events', price: PRICES.event, countIn: (counts) => counts.of(COUNTED.events) },
];

export function dollars(counts: CallCounts): number {
  return BILL.reduce((sum, { price, countIn }) => sum + price * countIn(counts), 0);
}

const PRICED: ReadonlySet<string> = new Set([
  ...S3_READS,
  ...S3_WRITES,
  ...DYNAMO_COMMANDS,
  ...Object.values(COUNTED),
]);

/** A call that the bill has no line for would be given away. @throws Error naming it */
export function requireAllPriced(counts: CallCounts): void {
  const unpriced = [...counts.commands.keys()].filter((command) => !PRICED.has(command));
  if (unpriced.length > 0) {
    throw new Error(
      `expected a price for every call, got none for ${unpriced.join(', ')}; add it to the bill`,
    );
  }
}
