import { readEnv } from '../lambda/env.ts';

export function readFunctionEnv() {
  return readEnv([
    'appName',
    'tableName',
    'dropBucket',
    'ingestQueueUrl',
    'completionQueueUrl',
    'eventBusName',
    'sourcesPath',
    'patientKeySecret',
  ]);
}
