import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { type Row, readRows, type TableRef, unlessBusy } from './batches.ts';

/**
 * A read of a row that does not exist costs a read unit, and a query of such rows as instances have costs a quarter of a unit for each
 * that it meets (Amazon DynamoDB Developer Guide, "Read consumption"). So a query of four rows for each that is looked for costs at
 * most what the reads would, and most of the rows that an indexer looks for are not there.
 */
const QUERIED_FOR_EACH = 4;

/**
 * Those of many rows of a partition that exist; strongly consistent, in no particular order.
 *
 * @param sortKeys distinct, and all of them with the prefix
 */
export async function findSeriesRows(
  table: TableRef,
  pk: string,
  prefix: string,
  sortKeys: ReadonlySet<string>,
): Promise<Row[]> {
  const { client, tableName } = table;
  const query = new QueryCommand({
    TableName: tableName,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
    ConsistentRead: true,
    Limit: QUERIED_FOR_EACH * sortKeys.size,
  });
  const read = (keys: readonly string[]) =>
    readRows(
      table,
      keys.map((sk) => ({ pk, sk })),
    );
  const answer = await unlessBusy(client.send(query), 1);
  // Reads wait for longer than the SDK does.
  if (answer === 'busy') return read([...sortKeys]);
  const found = (answer.Items ?? []).filter((row) => sortKeys.has(String(row['sk'])));
  const { LastEvaluatedKey: last } = answer;
  if (last === undefined) return found;
  // The query has met all rows up to this one.
  return [...found, ...(await read([...sortKeys].filter((sk) => sk > String(last['sk']))))];
}
