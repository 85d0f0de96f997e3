import { S3Client } from '@aws-sdk/client-s3';
import { createDropBucket } from '../adapters/drop-bucket.ts';
import { createDropWriter } from '../adapters/drop-writer.ts';
import { createEmbeddedMetrics } from '../adapters/embedded-metrics.ts';
import { createJsonLog } from '../adapters/json-log.ts';
import { parseCanarySettings } from '../core/canary.ts';
import { type Env, startFunction } from '../lambda/entry.ts';
import { invocationFields } from '../lambda/invocation.ts';
import type { Runtime } from '../lambda/runtime.ts';
import { storesOf } from '../lambda/stores-of.ts';
import { createHandler } from './handler.ts';
import type { CanaryDeps } from './run-canary.ts';

const VARIABLES = ['appName', 'tableName', 'dropBucket', 'canary'] as const;

export function createDeps(env: Env<typeof VARIABLES>, given: Partial<Runtime> = {}): CanaryDeps {
  const {
    clock = () => new Date(),
    log = createJsonLog('canary', invocationFields),
    meter = createEmbeddedMetrics(env.appName),
    s3 = new S3Client(),
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
