import { ENV } from '../environment.ts';
import { readEnv } from '../lambda/env.ts';

export function readFunctionEnv() {
  const {
    appName,
    tableName,
    dropBucket,
    resultsBucket,
    completionQueueUrl,
    computeQueueUrl,
    urgentComputeQueueUrl,
    resultsQueueUrl,
    urgentResultsQueueUrl,
  } = ENV;
  const { eventBusName, deadLetterQueues, sourcesPath, secretsPrefix } = ENV;
  return readEnv({
    appName,
    tableName,
    dropBucket,
    resultsBucket,
    completionQueueUrl,
    computeQueueUrl,
    urgentComputeQueueUrl,
    resultsQueueUrl,
    urgentResultsQueueUrl,
    eventBusName,
    deadLetterQueues,
    sourcesPath,
    secretsPrefix,
  });
}
