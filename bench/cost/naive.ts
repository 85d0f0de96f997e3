import { type CallCounts, COUNTED, CallCounts as Counts, countDynamo, countS3 } from '../call-counts.ts';
import type { EmbeddedCloud } from '../embedded-cloud.ts';
import { indexNaively } from '../naive-indexing.ts';
import type { StageName } from '../stage-runner.ts';
import { COMPUTE_SECONDS, NAIVE_POLL_SECONDS } from './assumptions.ts';

export const NAIVE_POLLS = Math.ceil(COMPUTE_SECONDS / NAIVE_POLL_SECONDS);
/** A send, a receive and a delete. */
const REQUESTS_A_MESSAGE = 3;

/**
 * The naive pipeline (docs/costs.md): one run for each object, which reads the whole file, writes a row, counts it and
 * lists the folder to see whether the series is complete; an upload of one file a request, read whole and marked; a poll
 * every five seconds. It judges completion and stores the result as ours does.
 */
export async function countNaively(
  cloud: EmbeddedCloud,
  run: string,
  keys: readonly string[],
  ours: Readonly<Record<StageName, CallCounts>>,
): Promise<Readonly<Record<StageName, CallCounts>>> {
  const index = new Counts();
  const clients = { s3: cloud.s3Client(), dynamo: cloud.dynamoClient() };
  countS3(clients.s3, () => index);
  countDynamo(clients.dynamo, () => index);
  await indexNaively(clients, run, keys);
  index.add(COUNTED.lambda, keys.length);
  index.add(COUNTED.sqs, REQUESTS_A_MESSAGE * keys.length);
  index.add('ListObjectsV2', keys.length);

  const compute = new Counts();
  compute.add(COUNTED.lambda);
  compute.add(COUNTED.sqs, REQUESTS_A_MESSAGE);
  compute.add('GetObject', keys.length);
  compute.add('PutItem', keys.length);
  compute.writeUnits += keys.length;

  const results = new Counts();
  results.add(COUNTED.lambda, NAIVE_POLLS);
  results.add(COUNTED.sqs, REQUESTS_A_MESSAGE * NAIVE_POLLS);
  results.add('PutObject', ours.results.of('PutObject'));
  results.add(COUNTED.events, ours.results.of(COUNTED.events));
  // Each poll reads the row of the series and writes the time of the next one.
  results.add('GetItem', NAIVE_POLLS);
  results.add('UpdateItem', NAIVE_POLLS);
  results.readUnits += NAIVE_POLLS;
  results.writeUnits += NAIVE_POLLS;
  return { index, completion: ours.completion, compute, results };
}
