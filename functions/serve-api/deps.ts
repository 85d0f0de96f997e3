import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createJsonLog } from '../adapters/json-log.ts';
import { createQueues } from '../adapters/queues.ts';
import { createSourcesLoader } from '../adapters/sources.ts';
import { createStoredResults } from '../adapters/stored-results.ts';
import { createStores } from '../adapters/table/stores.ts';
import type { readFunctionEnv } from './env.ts';
import type { ServeApiDeps } from './handler.ts';

export function createDeps(env: ReturnType<typeof readFunctionEnv>): ServeApiDeps {
  const clock = () => new Date();
  const log = createJsonLog('serve-api');
  return {
    ...createStores(new DynamoDBClient(), env.tableName),
    storedResults: createStoredResults(new S3Client(), env.resultsBucket),
    queues: createQueues(new SQSClient(), { compute: env.computeQueueUrl }),
    ...createSourcesLoader(new SSMClient(), env.sourcesPath, clock, log),
    clock,
    log,
  };
}
