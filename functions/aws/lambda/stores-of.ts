import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { REQUEST_LIMITS } from '../request-limits.ts';
import { createStores, createStoresOver } from '../table/stores.ts';
import type { Runtime } from './runtime.ts';

/** The stores over the table that a function is given, or over AWS's. */
export function storesOf({ table }: Partial<Runtime>, tableName: string) {
  return table === undefined
    ? createStores(new DynamoDBClient({ requestHandler: REQUEST_LIMITS }), tableName)
    : createStoresOver(table);
}
