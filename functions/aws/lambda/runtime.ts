import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { QureClient } from '../../qure/client/client.ts';
import type { Log } from '../../shared/log.ts';
import type { Meter } from '../../shared/metrics.ts';
import type { Clock } from '../../shared/time.ts';
import type { TraceHeader } from '../../shared/trace-header.ts';
import type { TableRef } from '../table/batches.ts';

/**
 * What a function has of the world around it. Each `index.ts` takes its part, and makes from AWS what it is not given: a
 * simulation gives everything. Types alone, so that a bundle holds the clients that its function uses.
 */
export interface Runtime {
  table: TableRef;
  s3: S3Client;
  sqs: SQSClient;
  eventBridge: EventBridgeClient;
  ssm: SSMClient;
  secretsManager: SecretsManagerClient;
  /** For patients, with the ARN of their key. */
  patientKms?: { kms: KMSClient; keyId: string };
  qure: QureClient;
  clock: Clock;
  /** In [0, 1). */
  random(): number;
  /** Fires after so many milliseconds. */
  timeoutSignal(ms: number): AbortSignal;
  /** Of the present invocation. */
  traceHeader: TraceHeader;
  log: Log;
  meter: Meter;
}
