import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createDropBucket } from '../adapters/drop-bucket.ts';
import { createEmbeddedMetrics } from '../adapters/embedded-metrics.ts';
import { createEventPublisher } from '../adapters/event-publisher.ts';
import { createJsonLog } from '../adapters/json-log.ts';
import { createQueues, createWaitingDropsCounter } from '../adapters/queues.ts';
import { createSourcesLoader } from '../adapters/sources.ts';
import { readTraceHeader } from '../lambda/env.ts';
import { invocationFields } from '../lambda/invocation.ts';
import type { Runtime } from '../lambda/runtime.ts';
import { storesOf } from '../lambda/stores-of.ts';
import type { readFunctionEnv } from './env.ts';
import type { ReconcileDeps } from './slice.ts';

export function createDeps(
  env: ReturnType<typeof readFunctionEnv>,
  given: Partial<Runtime> = {},
): ReconcileDeps {
  const {
    clock = () => new Date(),
    traceHeader = readTraceHeader,
    log = createJsonLog('reconcile', invocationFields),
    meter = createEmbeddedMetrics(env.appName),
    sqs = new SQSClient(),
    s3 = new S3Client(),
    eventBridge = new EventBridgeClient(),
    ssm = new SSMClient(),
  } = given;
  return {
    ...storesOf(given, env.tableName),
    drop: createDropBucket(s3, env.dropBucket),
    queues: createQueues(sqs, { completion: env.completionQueueUrl }, traceHeader),
    countWaitingDrops: createWaitingDropsCounter(sqs, env.ingestQueueUrl),
    publish: createEventPublisher(eventBridge, env.eventBusName, traceHeader),
    ...createSourcesLoader(ssm, env.sourcesPath, clock, log),
    clock,
    log,
    meter,
  };
}
