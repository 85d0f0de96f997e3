import { readEnv } from '../lambda/env.ts';

export function readFunctionEnv() {
  return readEnv([
    'appName',
    'tableName',
    'resultsBucket',
    'computeQueueUrl',
    'urgentComputeQueueUrl',
    'resultsQueueUrl',
    'urgentResultsQueueUrl',
    'eventBusName',
    'deadLetterQueues',
    'sourcesPath',
    'patientKeySecret',
    'secretsPrefix',
  ]);
}
