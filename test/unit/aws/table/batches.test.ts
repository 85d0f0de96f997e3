import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

// The waits between attempts are real time in production; here they pass at once. In a copy of the module of its own, because
// the files of a worker share theirs.
vi.resetModules();
vi.doMock('node:timers/promises', () => ({ setTimeout: () => Promise.resolve() }));
const { readRows, writeRows } = await import('../../../../functions/aws/table/batches.ts');
afterAll(() => {
  vi.doUnmock('node:timers/promises');
  vi.resetModules();
});

const dynamo = mockClient(DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-central-1' })));
beforeEach(() => {
  dynamo.reset();
});
afterEach(() => {
  dynamo.reset();
});

const table = { client: dynamo as unknown as DynamoDBDocumentClient, tableName: 'rows' };
const row = (n: number) => ({ pk: `p${n}`, sk: 's', n });
const key = (n: number) => ({ pk: `p${n}`, sk: 's' });
const put = (n: number) => ({ PutRequest: { Item: row(n) } });
const range = (count: number) => Array.from({ length: count }, (_, at) => at);
const writes = () =>
  dynamo.commandCalls(BatchWriteCommand).map(({ args }) => args[0].input.RequestItems?.['rows'] ?? []);

const named = (name: string) => Object.assign(new Error('not now'), { name });
const BUSY = [
  { name: 'throttled', error: named('ProvisionedThroughputExceededException') },
  { name: 'refusing requests', error: named('ThrottlingException') },
  { name: 'broken for a moment', error: named('InternalServerError') },
];

describe('writeRows', () => {
  it('writes 25 rows a batch, deletes among them', async () => {
    dynamo.on(BatchWriteCommand).resolves({});
    await writeRows(table, range(26).map(row), [key(99)]);
    expect(writes().map((batch) => batch.length)).toEqual([25, 2]);
    expect(writes()[1]).toEqual([put(25), { DeleteRequest: { Key: key(99) } }]);
  });

  it('sends nothing for no rows', async () => {
    await writeRows(table, []);
    expect(writes()).toEqual([]);
  });

  it('sends exactly the unprocessed items again', async () => {
    dynamo
      .on(BatchWriteCommand)
      .resolvesOnce({ UnprocessedItems: { rows: [put(1), put(2)] } })
      .resolvesOnce({ UnprocessedItems: { rows: [put(2)] } })
      .resolves({ UnprocessedItems: {} });
    await writeRows(table, range(3).map(row));
    expect(writes()).toEqual([[put(0), put(1), put(2)], [put(1), put(2)], [put(2)]]);
  });

  it('gives up after eight attempts, and says how much is left', async () => {
    dynamo.on(BatchWriteCommand).resolves({ UnprocessedItems: { rows: [put(0)] } });
    await expect(writeRows(table, [row(0)])).rejects.toThrow(/1 item\(s\) unprocessed after 8 attempts/);
    expect(writes()).toHaveLength(8);
  });

  it.each(BUSY)('waits for a table that is $name', async ({ error }) => {
    dynamo.on(BatchWriteCommand).rejectsOnce(error).rejectsOnce(error).resolves({});
    await writeRows(table, range(2).map(row));
    expect(writes()).toEqual([
      [put(0), put(1)],
      [put(0), put(1)],
      [put(0), put(1)],
    ]);
  });

  it.each(BUSY)('throws the error of a table that stays $name unchanged', async ({ error }) => {
    dynamo.on(BatchWriteCommand).rejects(error);
    await expect(writeRows(table, [row(0)])).rejects.toBe(error);
    expect(writes()).toHaveLength(8);
  });

  it('throws other errors of DynamoDB unchanged', async () => {
    dynamo.on(BatchWriteCommand).rejects(new Error('throttled'));
    await expect(writeRows(table, [row(0)])).rejects.toThrow('throttled');
    expect(writes()).toHaveLength(1);
  });
});

describe('readRows', () => {
  it('reads 100 keys a batch, strongly consistent', async () => {
    dynamo.on(BatchGetCommand).callsFake((input) => ({
      Responses: { rows: input.RequestItems.rows.Keys },
    }));
    expect(await readRows(table, range(101).map(key))).toHaveLength(101);
    const requests = dynamo
      .commandCalls(BatchGetCommand)
      .map(({ args }) => args[0].input.RequestItems?.['rows']);
    expect(requests.map((request) => request?.Keys?.length)).toEqual([100, 1]);
    expect(requests.every((request) => request?.ConsistentRead === true)).toBe(true);
  });

  it('reads the unprocessed keys again, and returns every row', async () => {
    dynamo
      .on(BatchGetCommand)
      .resolvesOnce({ Responses: { rows: [row(0)] }, UnprocessedKeys: { rows: { Keys: [key(1), key(2)] } } })
      .resolves({ Responses: { rows: [row(1)] } });
    expect(await readRows(table, range(3).map(key))).toEqual([row(0), row(1)]);
  });

  it.each(BUSY)('waits for a table that is $name, and reads each row once', async ({ error }) => {
    dynamo
      .on(BatchGetCommand)
      .resolvesOnce({ Responses: { rows: [row(0)] }, UnprocessedKeys: { rows: { Keys: [key(1)] } } })
      .rejectsOnce(error)
      .resolves({ Responses: { rows: [row(1)] } });
    expect(await readRows(table, range(2).map(key))).toEqual([row(0), row(1)]);
  });

  it('throws after eight attempts instead of returning an incomplete result', async () => {
    dynamo.on(BatchGetCommand).resolves({ UnprocessedKeys: { rows: { Keys: [key(0)] } } });
    await expect(readRows(table, [key(0)])).rejects.toThrow(/BatchGetItem left 1 item/);
    expect(dynamo.commandCalls(BatchGetCommand)).toHaveLength(8);
  });
});
