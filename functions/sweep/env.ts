import { ENV } from '../environment.ts';
import { readEnv } from '../lambda/env.ts';

export function readFunctionEnv() {
  const { tableName, completionQueueUrl, computeQueueUrl, resultsQueueUrl } = ENV;
  const { eventBusName, sourcesPath, secretsPrefix } = ENV;
  return readEnv({
    tableName,
    completionQueueUrl,
    computeQueueUrl,
    resultsQueueUrl,
    eventBusName,
    sourcesPath,
    secretsPrefix,
  });
}
