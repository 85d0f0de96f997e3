import { ENV } from '../environment.ts';
import { readEnv } from '../lambda/env.ts';

export function readFunctionEnv() {
  const { tableName, dropBucket, resultsBucket, completionQueueUrl, computeQueueUrl, resultsQueueUrl } = ENV;
  const { eventBusName, sourcesPath, secretsPrefix } = ENV;
  return readEnv({
    tableName,
    dropBucket,
    resultsBucket,
    completionQueueUrl,
    computeQueueUrl,
    resultsQueueUrl,
    eventBusName,
    sourcesPath,
    secretsPrefix,
  });
}
