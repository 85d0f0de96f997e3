import { readEnv } from '../lambda/env.ts';

export function readFunctionEnv() {
  return readEnv([
    'appName',
    'tableName',
    'completionQueueUrl',
    'computeQueueUrl',
    'urgentComputeQueueUrl',
    'resultsQueueUrl',
    'urgentResultsQueueUrl',
    'eventBusName',
    'sourcesPath',
    'secretsPrefix',
  ]);
}
