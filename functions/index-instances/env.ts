import { ENV } from '../environment.ts';
import { readEnv } from '../lambda/env.ts';

export function readFunctionEnv() {
  const { tableName, dropBucket, completionQueueUrl, eventBusName, deadLetterQueues, sourcesPath } = ENV;
  return readEnv({ tableName, dropBucket, completionQueueUrl, eventBusName, deadLetterQueues, sourcesPath });
}
