import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createStores, createStoresOver } from '../table/stores.ts';
import type { Runtime } from './runtime.ts';

/** The stores over the table that a function is given, or over AWS's. */
export function storesOf({ table }: Partial<Runtime>, tableName: string) {
  return table === undefined ? createStores(new DynamoDBClient(), tableName) : createStoresOver(table);
}
