import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createEventPublisher } from '../adapters/event-publisher.ts';
import { createJsonLog } from '../adapters/json-log.ts';
import { createQueues } from '../adapters/queues.ts';
import { createCredentialsLoader, createSourcesLoader } from '../adapters/sources.ts';
import { createStores } from '../adapters/table/stores.ts';
import type { readFunctionEnv } from './env.ts';
import type { SweepHandlerDeps } from './handler.ts';

export function createDeps(env: ReturnType<typeof readFunctionEnv>): SweepHandlerDeps {
  const clock = () => new Date();
  const log = createJsonLog('sweep');
  const { series, circuits } = createStores(new DynamoDBClient(), env.tableName);
  return {
    series,
    circuits,
    queues: createQueues(new SQSClient(), {
      completion: env.completionQueueUrl,
      compute: env.computeQueueUrl,
      results: env.resultsQueueUrl,
    }),
    publish: createEventPublisher(new EventBridgeClient(), env.eventBusName),
    loadSources: createSourcesLoader(new SSMClient(), env.sourcesPath, clock, log).loadSources,
    loadCredentials: createCredentialsLoader(new SecretsManagerClient(), env.secretsPrefix, clock),
    clock,
    log,
  };
}
