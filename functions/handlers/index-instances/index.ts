import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createDeadLetterSink } from '../../aws/dead-letters.ts';
import { createDirectReads, createDropBucket } from '../../aws/drop-bucket.ts';
import { type Env, startFunction } from '../../aws/lambda/entry.ts';
import type { Runtime } from '../../aws/lambda/runtime.ts';
import { stageDeps } from '../../aws/lambda/stage-deps.ts';
import { patientSealing } from '../../aws/patient-cipher.ts';
import { createPatientHasherLoader } from '../../aws/patient-key.ts';
import { createQueues } from '../../aws/queues.ts';
import { REQUEST_LIMITS } from '../../aws/request-limits.ts';
import { createDirectTable } from '../../aws/table/direct-table.ts';
import { parseDeadLetterQueues } from '../../recovery/dead-letters/dead-letter.ts';
import { createHandler, type IndexInstancesDeps } from './handler.ts';

const VARIABLES = [
  'appName',
  'tableName',
  'dropBucket',
  'completionQueueUrl',
  'eventBusName',
  'deadLetterQueues',
  'sourcesPath',
  'patientKeySecret',
] as const;

export function createDeps(env: Env<typeof VARIABLES>, given: Partial<Runtime> = {}): IndexInstancesDeps {
  const {
    sqs = new SQSClient({ requestHandler: REQUEST_LIMITS }),
    s3 = new S3Client({ requestHandler: REQUEST_LIMITS }),
    secretsManager = new SecretsManagerClient({ requestHandler: REQUEST_LIMITS }),
    table = {
      client: createDirectTable(new DynamoDBClient({ requestHandler: REQUEST_LIMITS })),
      tableName: env.tableName,
    },
  } = given;
  const stage = stageDeps('index-instances', env, { ...given, table });
  return {
    ...stage,
    drop: createDropBucket(s3, env.dropBucket, given.s3 === undefined ? createDirectReads(s3) : undefined),
    ...patientSealing(given.patientKms),
    loadPatientHasher: createPatientHasherLoader(secretsManager, env.patientKeySecret, stage.clock),
    dropBucketName: env.dropBucket,
    queues: createQueues(sqs, { completion: env.completionQueueUrl }, stage.traceHeader),
    deadLetters: createDeadLetterSink(sqs, parseDeadLetterQueues(env.deadLetterQueues), stage.traceHeader),
  };
}

export const handler = startFunction(VARIABLES, createDeps, createHandler);
