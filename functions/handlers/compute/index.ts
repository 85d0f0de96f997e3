import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createDeadLetterSink } from '../../aws/dead-letters.ts';
import { createDropBucket } from '../../aws/drop-bucket.ts';
import { type Env, startFunction } from '../../aws/lambda/entry.ts';
import type { Runtime } from '../../aws/lambda/runtime.ts';
import { stageDeps } from '../../aws/lambda/stage-deps.ts';
import { readSurroundings } from '../../aws/lambda/surroundings.ts';
import { createQueues } from '../../aws/queues.ts';
import { REQUEST_LIMITS, SLOWLY_READ_LIMITS } from '../../aws/request-limits.ts';
import { createCredentialsLoader } from '../../aws/sources.ts';
import { createQureClient } from '../../qure/client/client.ts';
import { parseDeadLetterQueues } from '../../recovery/dead-letters/dead-letter.ts';
import { USER_AGENT } from '../../shared/version.ts';
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
    sqs = new SQSClient({ requestHandler: REQUEST_LIMITS }),
    s3 = new S3Client({ requestHandler: SLOWLY_READ_LIMITS }),
    secretsManager = new SecretsManagerClient({ requestHandler: REQUEST_LIMITS }),
    qure = createQureClient({ userAgent: USER_AGENT, ...readSurroundings() }),
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
