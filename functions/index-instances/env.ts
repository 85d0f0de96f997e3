import { readEnv } from '../lambda/env.ts';

export function readFunctionEnv() {
  return readEnv([
    'appName',
    'tableName',
    'dropBucket',
    'completionQueueUrl',
    'eventBusName',
    'deadLetterQueues',
    'sourcesPath',
    'patientKeySecret',
  ]);
}
