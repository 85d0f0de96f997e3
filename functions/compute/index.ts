import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createDeadLetterSink } from '../adapters/dead-letters.ts';
import { createDropBucket } from '../adapters/drop-bucket.ts';
import { createQueues } from '../adapters/queues.ts';
import { createQureClient } from '../adapters/qure/client.ts';
import { createCredentialsLoader } from '../adapters/sources.ts';
import { parseDeadLetterQueues } from '../core/dead-letter.ts';
import { type Env, startFunction } from '../lambda/entry.ts';
import type { Runtime } from '../lambda/runtime.ts';
import { stageDeps } from '../lambda/stage-deps.ts';
import { USER_AGENT } from '../version.ts';
import { type ComputeHandlerDeps, createHandler } from './handler.ts';

const VARIABLES = [
  'appName',
  'tableName',
  'dropBucket',
  'completionQueueUrl',
  'computeQueueUrl',
  'urgentComputeQueueUrl',
  'resultsQueueUrl',
  'urgentResultsQueueUrl',
  'eventBusName',
  'deadLetterQueues',
  'sourcesPath',
  'secretsPrefix',
] as const;

export function createDeps(env: Env<typeof VARIABLES>, given: Partial<Runtime> = {}): ComputeHandlerDeps {
  const {
    sqs = new SQSClient(),
    s3 = new S3Client(),
    secretsManager = new SecretsManagerClient(),
    qure = createQureClient({ userAgent: USER_AGENT }),
    random = Math.random,
  } = given;
  const stage = stageDeps('compute', env, given);
  return {
    ...stage,
    drop: createDropBucket(s3, env.dropBucket),
    queues: createQueues(
      sqs,
      {
        completion: env.completionQueueUrl,
        compute: env.computeQueueUrl,
        urgentCompute: env.urgentComputeQueueUrl,
        results: env.resultsQueueUrl,
        urgentResults: env.urgentResultsQueueUrl,
      },
      stage.traceHeader,
    ),
    qure,
    deadLetters: createDeadLetterSink(sqs, parseDeadLetterQueues(env.deadLetterQueues), stage.traceHeader),
    loadCredentials: createCredentialsLoader(secretsManager, env.secretsPrefix, stage.clock),
    verifiedCredentials: new Set(),
    random,
  };
}

export const handler = startFunction(VARIABLES, createDeps, createHandler);
