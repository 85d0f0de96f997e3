import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createDeadLetterSink } from '../adapters/dead-letters.ts';
import { createPatientHasherLoader } from '../adapters/patient-key.ts';
import { createQueues } from '../adapters/queues.ts';
import { createQureClient } from '../adapters/qure/client.ts';
import { createResultsBucket } from '../adapters/results-bucket.ts';
import { createCredentialsLoader } from '../adapters/sources.ts';
import { parseDeadLetterQueues } from '../core/dead-letter.ts';
import { type Env, startFunction } from '../lambda/entry.ts';
import type { Runtime } from '../lambda/runtime.ts';
import { stageDeps } from '../lambda/stage-deps.ts';
import { USER_AGENT } from '../version.ts';
import { createHandler, type PollResultsDeps } from './handler.ts';

const VARIABLES = [
  'appName',
  'tableName',
  'resultsBucket',
  'computeQueueUrl',
  'urgentComputeQueueUrl',
  'resultsQueueUrl',
  'urgentResultsQueueUrl',
  'eventBusName',
  'deadLetterQueues',
  'sourcesPath',
  'patientKeySecret',
  'secretsPrefix',
] as const;

export function createDeps(env: Env<typeof VARIABLES>, given: Partial<Runtime> = {}): PollResultsDeps {
  const {
    sqs = new SQSClient(),
    s3 = new S3Client(),
    secretsManager = new SecretsManagerClient(),
    qure = createQureClient({ userAgent: USER_AGENT }),
    random = Math.random,
    timeoutSignal = (ms) => AbortSignal.timeout(ms),
  } = given;
  const stage = stageDeps('poll-results', env, given);
  return {
    ...stage,
    results: createResultsBucket(s3, env.resultsBucket),
    loadPatientHasher: createPatientHasherLoader(secretsManager, env.patientKeySecret, stage.clock),
    queues: createQueues(
      sqs,
      {
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
    timeoutSignal,
    random,
  };
}

export const handler = startFunction(VARIABLES, createDeps, createHandler);
