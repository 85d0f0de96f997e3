import { S3Client } from '@aws-sdk/client-s3';
import { createDropBucket } from '../../aws/drop-bucket.ts';
import { createDropWriter } from '../../aws/drop-writer.ts';
import { createEmbeddedMetrics } from '../../aws/embedded-metrics.ts';
import { createJsonLog } from '../../aws/json-log.ts';
import { type Env, startFunction } from '../../aws/lambda/entry.ts';
import { invocationFields } from '../../aws/lambda/invocation.ts';
import type { Runtime } from '../../aws/lambda/runtime.ts';
import { storesOf } from '../../aws/lambda/stores-of.ts';
import { REQUEST_LIMITS } from '../../aws/request-limits.ts';
import { parseCanarySettings } from '../../recovery/canary/canary.ts';
import type { CanaryDeps } from '../../recovery/canary/run-canary.ts';
import { createHandler } from './handler.ts';

const VARIABLES = ['appName', 'tableName', 'dropBucket', 'canary'] as const;

export function createDeps(env: Env<typeof VARIABLES>, given: Partial<Runtime> = {}): CanaryDeps {
  const {
    clock = () => new Date(),
    log = createJsonLog('canary', invocationFields),
    meter = createEmbeddedMetrics(env.appName),
    s3 = new S3Client({ requestHandler: REQUEST_LIMITS }),
  } = given;
  return {
    settings: parseCanarySettings(env.canary),
    dropBucketName: env.dropBucket,
    drop: createDropBucket(s3, env.dropBucket),
    dropWriter: createDropWriter(s3, env.dropBucket),
    series: storesOf(given, env.tableName).series,
    clock,
    log,
    meter,
  };
}

export const handler = startFunction(VARIABLES, createDeps, createHandler);
