import { ENV } from '../environment.ts';
import { readEnv } from '../lambda/env.ts';

export function readFunctionEnv() {
  const {
    tableName,
    dropBucket,
    resultsBucket,
    computeQueueUrl,
    urgentComputeQueueUrl,
    sourcesPath,
    deadLetterQueues,
  } = ENV;
  return readEnv({
    tableName,
    dropBucket,
    resultsBucket,
    computeQueueUrl,
    urgentComputeQueueUrl,
    sourcesPath,
    deadLetterQueues,
  });
}
