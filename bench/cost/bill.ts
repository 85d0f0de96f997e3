import { costOf, type PriceName } from '../../functions/shared/prices.ts';
import { type CallCounts, COUNTED, DYNAMO_COMMANDS } from '../call-counts.ts';

/** One line of a bill: how many, and the price of one. */
export interface BillLine {
  label: string;
  price: PriceName;
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

export const REQUESTS: readonly BillLine[] = [
  { label: 'S3 GET', price: 's3Read', countIn: (counts) => counts.of(...S3_READS) },
  { label: 'S3 PUT and LIST', price: 's3Write', countIn: (counts) => counts.of(...S3_WRITES) },
  { label: 'DynamoDB write units', price: 'dynamoWriteUnit', countIn: (counts) => counts.writeUnits },
  { label: 'DynamoDB read units', price: 'dynamoReadUnit', countIn: (counts) => counts.readUnits },
  { label: 'SQS requests', price: 'sqsRequest', countIn: (counts) => counts.of(COUNTED.sqs) },
  { label: 'Lambda invocations', price: 'lambdaRequest', countIn: (counts) => counts.of(COUNTED.lambda) },
  { label: 'EventBridge events', price: 'event', countIn: (counts) => counts.of(COUNTED.events) },
];

/** US dollars of the requests alone. */
export function dollars(counts: CallCounts): number {
  return REQUESTS.reduce((sum, { price, countIn }) => sum + costOf(price, countIn(counts)), 0);
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
