import { randomUUID } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { CostsRouteDeps } from '../../api/costs-route.ts';
import { monthCostOf } from '../../api/month-cost.ts';
import { createBucketOrigins } from '../../aws/bucket-origins.ts';
import { cached } from '../../aws/cached.ts';
import { createDeadLetterBox } from '../../aws/dead-letters.ts';
import { createJsonLog } from '../../aws/json-log.ts';
import { type Env, startFunction } from '../../aws/lambda/entry.ts';
import { readBilled, readSignIn, readTraceHeader } from '../../aws/lambda/env.ts';
import { invocationFields } from '../../aws/lambda/invocation.ts';
import type { Runtime } from '../../aws/lambda/runtime.ts';
import { storesOf } from '../../aws/lambda/stores-of.ts';
import { patientOpening } from '../../aws/patient-cipher.ts';
import { createQueues } from '../../aws/queues.ts';
import { REQUEST_LIMITS } from '../../aws/request-limits.ts';
import { createSourcesLoader } from '../../aws/sources.ts';
import { createStoredResults } from '../../aws/stored-results.ts';
import { INDEXES } from '../../aws/table/keys.ts';
import { createUploadLinks, UPLOAD_LINK_CLIENT } from '../../aws/upload-links.ts';
import { createUseCounter } from '../../aws/use-counter.ts';
import { type DeadLetterQueue, parseDeadLetterQueues } from '../../recovery/dead-letters/dead-letter.ts';
import { defined } from '../../shared/defined.ts';
import type { Clock } from '../../shared/time.ts';
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
    sqs = new SQSClient({ requestHandler: REQUEST_LIMITS }),
    s3 = new S3Client({ ...UPLOAD_LINK_CLIENT, requestHandler: REQUEST_LIMITS }),
    ssm = new SSMClient({ requestHandler: REQUEST_LIMITS }),
  } = given;
  const deadLetterQueues = parseDeadLetterQueues(env.deadLetterQueues);
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
    deadLetterBox: createDeadLetterBox(sqs, deadLetterQueues, traceHeader),
    ...monthCostReading(env, deadLetterQueues, clock),
    ...createSourcesLoader(ssm, env.sourcesPath, clock, log),
    ...defined({ signIn: readSignIn() }),
    clock,
    log,
  };
}

/** CloudWatch charges for each question. */
const COST_SECONDS = 3_600;

/** `{}` where there is no bill. */
function monthCostReading(
  env: Env<typeof VARIABLES>,
  queues: readonly DeadLetterQueue[],
  clock: Clock,
): CostsRouteDeps {
  const told = readBilled();
  if (told === undefined) return {};
  const billed = {
    ...told,
    tableName: env.tableName,
    indexNames: Object.keys(INDEXES),
    queueNames: queues.flatMap(({ queueUrl, deadLetterUrl }) =>
      [queueUrl, deadLetterUrl].map((url) => url.slice(url.lastIndexOf('/') + 1)),
    ),
    bucketNames: [env.dropBucket, env.resultsBucket],
  };
  const countUse = createUseCounter();
  return { readMonthCost: cached(clock, () => monthCostOf(billed, countUse, clock()), COST_SECONDS) };
}

export const handler = startFunction(VARIABLES, createDeps, createHandler);
