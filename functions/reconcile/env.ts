import { ENV } from '../environment.ts';
import { readEnv } from '../lambda/env.ts';

export function readFunctionEnv() {
  const { tableName, dropBucket, ingestQueueUrl, completionQueueUrl, eventBusName, sourcesPath } = ENV;
  return readEnv({ tableName, dropBucket, ingestQueueUrl, completionQueueUrl, eventBusName, sourcesPath });
}
