import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createDeadLetterSink } from '../../aws/dead-letters.ts';
import { type Env, startFunction } from '../../aws/lambda/entry.ts';
import type { Runtime } from '../../aws/lambda/runtime.ts';
import { stageDeps } from '../../aws/lambda/stage-deps.ts';
import { readSurroundings } from '../../aws/lambda/surroundings.ts';
import { createPatientHasherLoader } from '../../aws/patient-key.ts';
import { createQueues } from '../../aws/queues.ts';
import { LARGE_WRITE_LIMITS, REQUEST_LIMITS } from '../../aws/request-limits.ts';
import { createResultsBucket } from '../../aws/results-bucket.ts';
import { createCredentialsLoader } from '../../aws/sources.ts';
import { createQureClient } from '../../qure/client/client.ts';
import { parseDeadLetterQueues } from '../../recovery/dead-letters/dead-letter.ts';
import { USER_AGENT } from '../../shared/version.ts';
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
    sqs = new SQSClient({ requestHandler: REQUEST_LIMITS }),
    s3 = new S3Client({ requestHandler: LARGE_WRITE_LIMITS }),
    secretsManager = new SecretsManagerClient({ requestHandler: REQUEST_LIMITS }),
    qure = createQureClient({ userAgent: USER_AGENT, ...readSurroundings() }),
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
