import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createEventPublisher } from '../adapters/event-publisher.ts';
import { createJsonLog } from '../adapters/json-log.ts';
import { createQueues } from '../adapters/queues.ts';
import { createQureClient } from '../adapters/qure/client.ts';
import { createResultsBucket } from '../adapters/results-bucket.ts';
import { createCredentialsLoader, createSourcesLoader } from '../adapters/sources.ts';
import { createStores } from '../adapters/table/stores.ts';
import { USER_AGENT } from '../version.ts';
import type { readFunctionEnv } from './env.ts';
import type { PollResultsDeps } from './handler.ts';

export function createDeps(env: ReturnType<typeof readFunctionEnv>): PollResultsDeps {
  const clock = () => new Date();
  const log = createJsonLog('poll-results');
  return {
    ...createStores(new DynamoDBClient(), env.tableName),
    results: createResultsBucket(new S3Client(), env.resultsBucket),
    queues: createQueues(new SQSClient(), { compute: env.computeQueueUrl, results: env.resultsQueueUrl }),
    qure: createQureClient({ userAgent: USER_AGENT }),
    publish: createEventPublisher(new EventBridgeClient(), env.eventBusName),
    loadSources: createSourcesLoader(new SSMClient(), env.sourcesPath, clock, log).loadSources,
    loadCredentials: createCredentialsLoader(new SecretsManagerClient(), env.secretsPrefix, clock),
    proven: new Set(),
    clock,
    random: Math.random,
    log,
  };
}
