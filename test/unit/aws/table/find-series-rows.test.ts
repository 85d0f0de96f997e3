import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it } from 'vitest';
import { findSeriesRows } from '../../../../functions/aws/table/find-series-rows.ts';

const dynamo = mockClient(DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-central-1' })));
const table = { client: dynamo as unknown as DynamoDBDocumentClient, tableName: 'rows' };
const row = (n: number) => ({ pk: 'site#1.2', sk: `I#${n}` });
const id = { source: 'site', seriesInstanceUid: '1.2' };
const find = () => findSeriesRows(table, id, 'I#', ['I#1', 'I#3', 'I#5']);
const keysRead = () =>
  dynamo
    .commandCalls(BatchGetCommand)
    .flatMap(({ args }) => args[0].input.RequestItems?.['rows']?.Keys ?? []);

beforeEach(() => {
  dynamo.reset();
});

it('reads nothing but one query where that meets every row', async () => {
  dynamo.on(QueryCommand).resolves({ Items: [row(1), row(2)] });
  expect(await find()).toEqual([row(1)]);
  const [query] = dynamo.commandCalls(QueryCommand);
  expect(query?.args[0].input).toMatchObject({ ConsistentRead: true, Limit: 12 });
  expect(keysRead()).toEqual([]);
});

it('reads the rows behind the last one that the query has met, whether that one is asked for or not', async () => {
  dynamo.on(QueryCommand).resolves({ Items: [row(2), row(3)], LastEvaluatedKey: row(3) });
  dynamo.on(BatchGetCommand).resolves({ Responses: { rows: [row(5)] } });
  expect(await find()).toEqual([row(3), row(5)]);
  expect(keysRead()).toEqual([row(5)]);
});

it('reads all of them, patiently, where the table refuses the query for now', async () => {
  dynamo.on(QueryCommand).rejects(Object.assign(new Error('not now'), { name: 'ThrottlingException' }));
  dynamo.on(BatchGetCommand).resolves({ Responses: { rows: [row(1)] } });
  expect(await find()).toEqual([row(1)]);
  expect(keysRead()).toEqual([row(1), row(3), row(5)]);
});

it('throws what is no refusal for now', async () => {
  dynamo.on(QueryCommand).rejects(new Error('expected a table'));
  await expect(find()).rejects.toThrow('expected a table');
});
