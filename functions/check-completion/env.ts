import { ENV } from '../environment.ts';
import { readEnv } from '../lambda/env.ts';

export function readFunctionEnv() {
  const {
    tableName,
    dropBucket,
    ingestQueueUrl,
    completionQueueUrl,
    computeQueueUrl,
    urgentComputeQueueUrl,
    eventBusName,
    deadLetterQueues,
    sourcesPath,
  } = ENV;
  return readEnv({
    tableName,
    dropBucket,
    ingestQueueUrl,
    completionQueueUrl,
    computeQueueUrl,
    urgentComputeQueueUrl,
    eventBusName,
    deadLetterQueues,
    sourcesPath,
  });
}
