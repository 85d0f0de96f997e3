import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LocalTables, startTables } from '../../local/cloud/table.ts';
import { jsonWith } from './support/any-json.ts';
import { FUZZ_TIMEOUT_MS, fuzzRuns } from './support/fuzz-runs.ts';

/**
 * The table of the one-machine host is dynalite, in the host's own process: what it throws outside of its request's turn ends
 * everything. vitest reports such an error as a failure of this file.
 */
const folder = mkdtempSync(join(tmpdir(), 'fuzz-table-'));
let tables: LocalTables;
beforeAll(async () => {
  tables = await startTables({ dataDir: folder });
  await tables.apply([
    {
      logicalId: 'Table',
      name: 'rows',
      properties: {
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      },
    },
  ]);
});
afterAll(async () => {
  await tables.close();
  rmSync(folder, { recursive: true, force: true });
});

const OPERATIONS = [
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DescribeTable',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
  'TransactWriteItems',
  '__proto__',
];
const NAMES = [
  'TableName',
  'Key',
  'Item',
  'rows',
  'pk',
  'S',
  'N',
  'M',
  'L',
  'NULL',
  'RequestItems',
  'Keys',
  'PutRequest',
  'ConditionExpression',
  'UpdateExpression',
  'FilterExpression',
  'KeyConditionExpression',
  'KeyConditions',
  'Expected',
  'AttributeUpdates',
  'ExclusiveStartKey',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'Limit',
  '#a',
  ':a',
];
const values = fc.constantFrom(
  'rows',
  'a',
  'pk',
  '#a = :a',
  'SET #a = :a',
  'attribute_exists(pk)',
  '((((((',
  '1e400',
  '-',
  true,
  null,
  0,
  -1,
  1e300,
);
const anyValue = fc.oneof(values, jsonWith(NAMES, values));
const key = fc.oneof(fc.constant({ pk: { S: 'a' } }), anyValue);
/** Near enough to what is right to get behind the first checks. */
const input = fc.oneof(
  jsonWith(NAMES, values),
  fc.record(
    {
      TableName: fc.oneof(fc.constant('rows'), anyValue),
      Key: key,
      Item: key,
      ExclusiveStartKey: key,
      RequestItems: fc.oneof(fc.record({ rows: anyValue }), anyValue),
      ConditionExpression: values,
      UpdateExpression: values,
      KeyConditionExpression: values,
      ExpressionAttributeNames: fc.oneof(fc.record({ '#a': values }), anyValue),
      ExpressionAttributeValues: fc.oneof(fc.record({ ':a': anyValue }), anyValue),
      Limit: values,
      Select: values,
      ReturnValues: values,
    },
    { requiredKeys: [] },
  ),
);

async function call(operation: string, body: string): Promise<Response> {
  return fetch(tables.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      authorization: 'AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=c',
      'x-amz-date': '20260101T000000Z',
    },
    body,
  });
}

it(
  'answers every call, and keeps serving',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...OPERATIONS), input, async (operation, value) => {
        const answer = await call(operation, JSON.stringify(value) ?? '');
        await answer.text();
        expect([200, 400, 500]).toContain(answer.status);
      }),
      fuzzRuns(300),
    );
    expect((await call('DescribeTable', '{"TableName":"rows"}')).status).toBe(200);
  },
  FUZZ_TIMEOUT_MS,
);

it.each(['null', '[]', '0', '"x"', '{"AttributeDefinitions":5}', '{"RequestItems":{"rows":null}}'])(
  'keeps serving after %s to each operation',
  async (body) => {
    for (const operation of OPERATIONS) {
      expect([200, 400, 500]).toContain((await call(operation, body)).status);
    }
    expect((await call('DescribeTable', '{"TableName":"rows"}')).status).toBe(200);
  },
);
