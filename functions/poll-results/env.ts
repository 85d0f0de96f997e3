import { ENV } from '../environment.ts';
import { readEnv } from '../lambda/env.ts';

export function readFunctionEnv() {
  const {
    appName,
    tableName,
    resultsBucket,
    computeQueueUrl,
    urgentComputeQueueUrl,
    resultsQueueUrl,
    urgentResultsQueueUrl,
    eventBusName,
    deadLetterQueues,
    sourcesPath,
    secretsPrefix,
  } = ENV;
  return readEnv({
    appName,
    tableName,
    resultsBucket,
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
