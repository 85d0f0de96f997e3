import { randomUUID } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createBucketOrigins } from '../../aws/bucket-origins.ts';
import { createDeadLetterBox } from '../../aws/dead-letters.ts';
import { createJsonLog } from '../../aws/json-log.ts';
import { type Env, startFunction } from '../../aws/lambda/entry.ts';
import { readSignIn, readTraceHeader } from '../../aws/lambda/env.ts';
import { invocationFields } from '../../aws/lambda/invocation.ts';
import type { Runtime } from '../../aws/lambda/runtime.ts';
import { storesOf } from '../../aws/lambda/stores-of.ts';
import { patientOpening } from '../../aws/patient-cipher.ts';
import { createQueues } from '../../aws/queues.ts';
import { createSourcesLoader } from '../../aws/sources.ts';
import { createStoredResults } from '../../aws/stored-results.ts';
import { createUploadLinks, UPLOAD_LINK_CLIENT } from '../../aws/upload-links.ts';
import { parseDeadLetterQueues } from '../../recovery/dead-letters/dead-letter.ts';
import { defined } from '../../shared/defined.ts';
import { createConsoleFiles } from './console-files.ts';
import { createHandler, type ServeApiDeps } from './handler.ts';

const VARIABLES = [
  'tableName',
  'dropBucket',
  'resultsBucket',
  'computeQueueUrl',
  'urgentComputeQueueUrl',
  'sourcesPath',
  'deadLetterQueues',
] as const;

export function createDeps(env: Env<typeof VARIABLES>, given: Partial<Runtime> = {}): ServeApiDeps {
  const {
    clock = () => new Date(),
    traceHeader = readTraceHeader,
    log = createJsonLog('serve-api', invocationFields),
    sqs = new SQSClient(),
    s3 = new S3Client(UPLOAD_LINK_CLIENT),
    ssm = new SSMClient(),
  } = given;
  return {
    ...storesOf(given, env.tableName),
    storedResults: createStoredResults(s3, env.resultsBucket),
    linkUpload: createUploadLinks(s3, env.dropBucket),
    ...patientOpening(given.patientKms),
    readConsoleFile: createConsoleFiles(),
    bucketOrigins: createBucketOrigins(s3, [env.resultsBucket, env.dropBucket]),
    newFolderName: randomUUID,
    newActionId: randomUUID,
    queues: createQueues(
      sqs,
      {
        compute: env.computeQueueUrl,
        urgentCompute: env.urgentComputeQueueUrl,
      },
      traceHeader,
    ),
    deadLetterBox: createDeadLetterBox(sqs, parseDeadLetterQueues(env.deadLetterQueues), traceHeader),
    ...createSourcesLoader(ssm, env.sourcesPath, clock, log),
    ...defined({ signIn: readSignIn() }),
    clock,
    log,
  };
}

export const handler = startFunction(VARIABLES, createDeps, createHandler);
