import { readEnv } from '../lambda/env.ts';

export function readFunctionEnv() {
  return readEnv([
    'tableName',
    'dropBucket',
    'resultsBucket',
    'computeQueueUrl',
    'urgentComputeQueueUrl',
    'sourcesPath',
    'deadLetterQueues',
  ]);
}
