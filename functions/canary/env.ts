import { ENV } from '../environment.ts';
import { readEnv } from '../lambda/env.ts';

export function readFunctionEnv() {
  const { appName, tableName, dropBucket, canary } = ENV;
  return readEnv({ appName, tableName, dropBucket, canary });
}
