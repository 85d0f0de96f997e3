import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { cached } from '../../aws/cached.ts';
import { createDeadLetterSink } from '../../aws/dead-letters.ts';
import { createDropBucket } from '../../aws/drop-bucket.ts';
import { type Env, startFunction } from '../../aws/lambda/entry.ts';
import type { Runtime } from '../../aws/lambda/runtime.ts';
import { stageDeps } from '../../aws/lambda/stage-deps.ts';
import { patientSealing } from '../../aws/patient-cipher.ts';
import { createPatientHasherLoader } from '../../aws/patient-key.ts';
import { createQueues, createWaitingDropsCounter } from '../../aws/queues.ts';
import { REQUEST_LIMITS } from '../../aws/request-limits.ts';
import { parseDeadLetterQueues } from '../../recovery/dead-letters/dead-letter.ts';
import { type CheckCompletionDeps, createHandler } from './handler.ts';

const VARIABLES = [
  'appName',
  'tableName',
  'dropBucket',
  'ingestQueueUrl',
  'completionQueueUrl',
  'computeQueueUrl',
  'urgentComputeQueueUrl',
  'eventBusName',
  'deadLetterQueues',
  'sourcesPath',
  'patientKeySecret',
] as const;

/** Many checks come at one time: each process asks once for how far the indexers are. */
const PROGRESS_SECONDS = 1;

export function createDeps(env: Env<typeof VARIABLES>, given: Partial<Runtime> = {}): CheckCompletionDeps {
  const {
    sqs = new SQSClient({ requestHandler: REQUEST_LIMITS }),
    s3 = new S3Client({ requestHandler: REQUEST_LIMITS }),
    secretsManager = new SecretsManagerClient({ requestHandler: REQUEST_LIMITS }),
  } = given;
  const stage = stageDeps('check-completion', env, given);
  return {
    ...stage,
    drop: createDropBucket(s3, env.dropBucket),
    ...patientSealing(given.patientKms),
    loadPatientHasher: createPatientHasherLoader(secretsManager, env.patientKeySecret, stage.clock),
    queues: createQueues(
      sqs,
      {
        completion: env.completionQueueUrl,
        compute: env.computeQueueUrl,
        urgentCompute: env.urgentComputeQueueUrl,
      },
      stage.traceHeader,
    ),
    countWaitingDrops: cached(
      stage.clock,
      createWaitingDropsCounter(sqs, env.ingestQueueUrl),
      PROGRESS_SECONDS,
    ),
    watermark: { ...stage.watermark, load: cached(stage.clock, stage.watermark.load, PROGRESS_SECONDS) },
    deadLetters: createDeadLetterSink(sqs, parseDeadLetterQueues(env.deadLetterQueues), stage.traceHeader),
  };
}

export const handler = startFunction(VARIABLES, createDeps, createHandler);
