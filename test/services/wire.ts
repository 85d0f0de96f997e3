import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { SimulatedBucket } from './bucket/simulated-bucket.ts';
import type { SimulatedBuckets } from './bucket/simulated-buckets.ts';
import { operationOf, type SimulatedCommand } from './command.ts';
import type { SimulatedQueues } from './queue/simulated-queues.ts';
import type { SimulatedEventBus } from './simulated-event-bus.ts';
import type { SimulatedKms } from './simulated-kms.ts';
import type { SimulatedParameters } from './simulated-parameters.ts';
import type { SimulatedSecrets } from './simulated-secrets.ts';
import type { SimulatedTable } from './table/simulated-table.ts';

/** One call of an adapter on its way to a service. */
export interface WireRequest<T> {
  /** `dynamodb`, `s3`, `sqs`, `events`, `ssm`, `secretsmanager` or `kms`. */
  service: string;
  /** The name in the AWS API reference, for example `BatchWriteItem`. */
  operation: string;
  input: unknown;
  /** Has its effect at this moment, and answers or throws as the service does. May be called more than once (a retry of the SDK), or never. */
  execute(): T;
}

/** Decides when a call takes effect, what goes wrong with it, and when its answer arrives. */
export type Wire = <T>(request: WireRequest<T>) => Promise<T>;

/** Nothing goes wrong: each call takes effect at once. */
export const directWire: Wire = async (request) => request.execute();

/** What a client does besides answering: `lib-storage` asks the S3 client's configuration. */
export interface SimulatedService {
  readonly service: string;
  readonly config?: object;
  execute(command: SimulatedCommand): unknown;
}

export function clientOf(service: SimulatedTable, wire: Wire): DynamoDBDocumentClient;
export function clientOf(service: SimulatedBucket | SimulatedBuckets, wire: Wire): S3Client;
export function clientOf(service: SimulatedQueues, wire: Wire): SQSClient;
export function clientOf(service: SimulatedEventBus, wire: Wire): EventBridgeClient;
export function clientOf(service: SimulatedParameters, wire: Wire): SSMClient;
export function clientOf(service: SimulatedSecrets, wire: Wire): SecretsManagerClient;
export function clientOf(service: SimulatedKms, wire: Wire): KMSClient;
/** What the real adapters take for the SDK's client: each command goes over `wire` to the simulated service. */
export function clientOf(simulated: SimulatedService, wire: Wire): unknown {
  return {
    config: simulated.config ?? {},
    send: (command: SimulatedCommand) =>
      wire({
        service: simulated.service,
        operation: operationOf(command),
        input: command.input,
        execute: () => simulated.execute(command),
      }),
  };
}
