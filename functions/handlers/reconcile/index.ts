import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createDropBucket } from '../../aws/drop-bucket.ts';
import { type Env, startFunction } from '../../aws/lambda/entry.ts';
import type { Runtime } from '../../aws/lambda/runtime.ts';
import { stageDeps } from '../../aws/lambda/stage-deps.ts';
import { patientSealing } from '../../aws/patient-cipher.ts';
import { createPatientHasherLoader } from '../../aws/patient-key.ts';
import { createQueues, createWaitingDropsCounter } from '../../aws/queues.ts';
import { REQUEST_LIMITS } from '../../aws/request-limits.ts';
import type { ReconcileDeps } from '../../recovery/reconcile/page-context.ts';
import { createHandler } from './handler.ts';

const VARIABLES = [
  'appName',
  'tableName',
  'dropBucket',
  'ingestQueueUrl',
  'completionQueueUrl',
  'eventBusName',
  'sourcesPath',
  'patientKeySecret',
] as const;

export function createDeps(env: Env<typeof VARIABLES>, given: Partial<Runtime> = {}): ReconcileDeps {
  const {
    sqs = new SQSClient({ requestHandler: REQUEST_LIMITS }),
    s3 = new S3Client({ requestHandler: REQUEST_LIMITS }),
    secretsManager = new SecretsManagerClient({ requestHandler: REQUEST_LIMITS }),
  } = given;
  const stage = stageDeps('reconcile', env, given);
  return {
    ...stage,
    drop: createDropBucket(s3, env.dropBucket),
    ...patientSealing(given.patientKms),
    loadPatientHasher: createPatientHasherLoader(secretsManager, env.patientKeySecret, stage.clock),
    queues: createQueues(sqs, { completion: env.completionQueueUrl }, stage.traceHeader),
    countWaitingDrops: createWaitingDropsCounter(sqs, env.ingestQueueUrl),
  };
}

export const handler = startFunction(VARIABLES, createDeps, createHandler);
