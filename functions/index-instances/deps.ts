import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createDropBucket } from '../adapters/drop-bucket.ts';
import { createEventPublisher } from '../adapters/event-publisher.ts';
import { createJsonLog } from '../adapters/json-log.ts';
import { createQueues } from '../adapters/queues.ts';
import { createSourcesLoader } from '../adapters/sources.ts';
import { createStores } from '../adapters/table/stores.ts';
import type { readFunctionEnv } from './env.ts';
import type { IndexInstancesDeps } from './handler.ts';

export function createDeps(env: ReturnType<typeof readFunctionEnv>): IndexInstancesDeps {
  const clock = () => new Date();
  const log = createJsonLog('index-instances');
  return {
    ...createStores(new DynamoDBClient(), env.tableName),
    drop: createDropBucket(new S3Client(), env.dropBucket),
    queues: createQueues(new SQSClient(), { completion: env.completionQueueUrl }),
    publish: createEventPublisher(new EventBridgeClient(), env.eventBusName),
    ...createSourcesLoader(new SSMClient(), env.sourcesPath, clock, log),
    clock,
    log,
  };
}
