import { readEnv } from '../lambda/env.ts';

export function readFunctionEnv() {
  return readEnv([
    'appName',
    'tableName',
    'dropBucket',
    'resultsBucket',
    'completionQueueUrl',
    'computeQueueUrl',
    'urgentComputeQueueUrl',
    'resultsQueueUrl',
    'urgentResultsQueueUrl',
    'eventBusName',
    'deadLetterQueues',
    'sourcesPath',
    'secretsPrefix',
  ]);
}
