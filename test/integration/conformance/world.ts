import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { ReadDirectly } from '../../../functions/aws/drop-bucket.ts';
import type { TableRef } from '../../../functions/aws/table/batches.ts';

export const TABLE = 'rows';
export const BUCKET = 'drop';
/** In the simulation alone. */
export const VERSIONED_BUCKET = 'versioned';
export const BUS = 'events';
export const MAX_RECEIVES = 2;

export const PARAMETERS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Array.from({ length: 12 }, (_, at) => [`/sources/s${String(at).padStart(2, '0')}`, `${at}`]),
  ),
  '/sources/deeper/one': 'deep',
  '/other/x': 'other',
};
export const SECRETS: Readonly<Record<string, string>> = { 'secrets/ct': '{"token":"t"}' };

/** The services that the adapters talk to, simulated or embedded. */
export interface ConformanceWorld {
  table: TableRef['client'];
  s3: S3Client;
  /** On the wire alone. */
  readDirectly?: ReadDirectly;
  sqs: SQSClient;
  eventBridge: EventBridgeClient;
  ssm: SSMClient;
  secretsManager: SecretsManagerClient;
  /** Bodies of the events of created objects, so far. */
  createdEvents: string[];
  /** Details of the events that the bus took, so far. */
  busEvents: unknown[];
  /** The URLs of a queue that no other case uses, and of its dead-letter queue. */
  freshQueue(): { url: string; deadUrl: string };
  /** Lets time go by. */
  pass(ms: number): Promise<void>;
  stop(): Promise<void>;
}

/** Why some cases are not for the embedded table. */
export const EMPTY_INDEX_KEY =
  'dynalite takes an empty text as key of an index; DynamoDB refuses it (Developer Guide, "Constraints": "Attribute values").';

export type QueueWorld = Pick<ConformanceWorld, 'sqs' | 'freshQueue' | 'pass' | 'stop'>;

/** What a case does, and what must be seen, wherever it runs. */
export interface ConformanceCase<World = ConformanceWorld> {
  name: string;
  run(world: World): Promise<unknown>;
  expected: unknown;
  /** Where the embedded service is known to differ from AWS: how, and the AWS page that says so. */
  embeddedDiffers?: string;
  /** The same of moto, which witnesses for queues alone. */
  motoDiffers?: string;
}

/** Name and status of the error of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return `${$metadata?.httpStatusCode} ${name}`;
  }
  return 'no failure';
}

/** Asks again until there is an answer; time goes by meanwhile. Fails only when there never is one. */
export async function eventually<T>(
  world: Pick<ConformanceWorld, 'pass'>,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await world.pass(100);
  }
  throw new Error('expected an answer within 300 attempts');
}
