import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createDropBucket } from '../adapters/drop-bucket.ts';
import { createEventPublisher } from '../adapters/event-publisher.ts';
import { createJsonLog } from '../adapters/json-log.ts';
import { createQueues, createWaitingDropsCounter } from '../adapters/queues.ts';
import { createSourcesLoader } from '../adapters/sources.ts';
import { createStores } from '../adapters/table/stores.ts';
import type { readFunctionEnv } from './env.ts';
import type { CheckCompletionDeps } from './handler.ts';

export function createDeps(env: ReturnType<typeof readFunctionEnv>): CheckCompletionDeps {
  const clock = () => new Date();
  const log = createJsonLog('check-completion');
  const sqs = new SQSClient();
  return {
    ...createStores(new DynamoDBClient(), env.tableName),
    drop: createDropBucket(new S3Client(), env.dropBucket),
    queues: createQueues(sqs, { completion: env.completionQueueUrl, compute: env.computeQueueUrl }),
    countWaitingDrops: createWaitingDropsCounter(sqs, env.ingestQueueUrl),
    publish: createEventPublisher(new EventBridgeClient(), env.eventBusName),
    loadSources: createSourcesLoader(new SSMClient(), env.sourcesPath, clock, log).loadSources,
    clock,
    log,
  };
}
