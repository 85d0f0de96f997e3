import { randomUUID } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createDeadLetterBox } from '../adapters/dead-letters.ts';
import { createJsonLog } from '../adapters/json-log.ts';
import { createQueues } from '../adapters/queues.ts';
import { createSourcesLoader } from '../adapters/sources.ts';
import { createStoredResults } from '../adapters/stored-results.ts';
import { createUploadLinks, UPLOAD_LINK_CLIENT } from '../adapters/upload-links.ts';
import { parseDeadLetterQueues } from '../core/dead-letter.ts';
import { type Env, startFunction } from '../lambda/entry.ts';
import { readTraceHeader } from '../lambda/env.ts';
import { invocationFields } from '../lambda/invocation.ts';
import type { Runtime } from '../lambda/runtime.ts';
import { storesOf } from '../lambda/stores-of.ts';
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
    newFolderName: randomUUID,
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
    clock,
    log,
  };
}

export const handler = startFunction(VARIABLES, createDeps, createHandler);
