import { ENV } from '../environment.ts';
import { readEnv } from '../lambda/env.ts';

export function readFunctionEnv() {
  const {
    appName,
    tableName,
    completionQueueUrl,
    computeQueueUrl,
    urgentComputeQueueUrl,
    resultsQueueUrl,
    urgentResultsQueueUrl,
  } = ENV;
  const { eventBusName, sourcesPath, secretsPrefix } = ENV;
  return readEnv({
    appName,
    tableName,
    completionQueueUrl,
    computeQueueUrl,
    urgentComputeQueueUrl,
    resultsQueueUrl,
    urgentResultsQueueUrl,
    eventBusName,
    sourcesPath,
    secretsPrefix,
  });
}
