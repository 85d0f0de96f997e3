import {
  BatchGetCommand,
  BatchWriteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { INDEXES } from '../../../functions/aws/table/keys.ts';
import type { Row, SimulatedTableOptions } from '../../services/table/options.ts';
import { SimulatedTable } from '../../services/table/simulated-table.ts';

const TableName = 'rows';
const Key = { pk: 'p', sk: 's' };

function start(options: Partial<SimulatedTableOptions> = {}) {
  const clock = { nowMs: 0 };
  const schema = { partitionKey: 'pk', sortKey: 'sk', indexes: INDEXES };
  const table = new SimulatedTable({
    tableName: TableName,
    schema,
    now: () => clock.nowMs,
    indexLagMs: () => 0,
    ...options,
  });
  const put = (Item: Record<string, unknown>) => table.execute(new PutCommand({ TableName, Item }));
  return { table, clock, put };
}

const due = (table: SimulatedTable) =>
  (
    table.execute(
      new QueryCommand({
        TableName,
        IndexName: 'byDue',
        KeyConditionExpression: 'dueShard = :s',
        ExpressionAttributeValues: { ':s': '0' },
      }),
    ) as { Items: Row[] }
  ).Items.map((row) => row['dueAt']);

describe('the simulated table', () => {
  it('shows a write in an index and to an eventually consistent read only after the lag', () => {
    const { table, clock, put } = start({ indexLagMs: () => 50 });
    put({ ...Key, dueShard: '0', dueAt: '1' });
    const read = (ConsistentRead: boolean) =>
      'Item' in table.execute(new GetCommand({ TableName, Key, ConsistentRead }));
    expect([due(table), read(false), read(true)]).toEqual([[], false, true]);
    clock.nowMs = 50;
    expect([due(table), read(false)]).toEqual([['1'], true]);
  });

  it('shows the writes of one row in their order, whatever their lags', () => {
    const lags = [100, 100, 10, 10];
    const { table, clock, put } = start({ indexLagMs: () => lags.shift() ?? 0 });
    put({ ...Key, dueShard: '0', dueAt: '1' });
    put({ ...Key, dueShard: '0', dueAt: '2' });
    clock.nowMs = 20;
    expect(due(table)).toEqual([]);
    clock.nowMs = 100;
    expect(due(table)).toEqual(['2']);
  });

  it('returns frozen rows that the writer cannot change', () => {
    const { table, put } = start();
    const nested = { list: [1] };
    put({ ...Key, nested });
    nested.list.push(2);
    const { Item } = table.execute(new GetCommand({ TableName, Key, ConsistentRead: true })) as {
      Item: { nested: { list: number[] } };
    };
    expect(Item.nested.list).toEqual([1]);
    expect(() => Item.nested.list.push(3)).toThrow(TypeError);
  });

  it('leaves the chosen items of a batch unprocessed, and returns them', () => {
    const { table } = start({ unprocessed: (_operation, items) => items - 1 });
    const puts = ['a', 'b', 'c'].map((sk) => ({ PutRequest: { Item: { pk: 'p', sk } } }));
    const written = table.execute(new BatchWriteCommand({ RequestItems: { [TableName]: puts } }));
    const Keys = ['a', 'b'].map((sk) => ({ pk: 'p', sk }));
    const read = table.execute(
      new BatchGetCommand({ RequestItems: { [TableName]: { Keys, ConsistentRead: true } } }),
    );
    expect(written).toMatchObject({ UnprocessedItems: { [TableName]: puts.slice(1) } });
    expect(read).toMatchObject({
      Responses: { [TableName]: [{ pk: 'p', sk: 'a' }] },
      UnprocessedKeys: { [TableName]: { Keys: Keys.slice(1), ConsistentRead: true } },
    });
  });

  it('reports each write with the old and the new row', () => {
    const seen: unknown[] = [];
    const { put } = start({ onWrite: (before, after) => seen.push([before?.['n'], after?.['n']]) });
    put({ ...Key, n: 1 });
    put({ ...Key, n: 2 });
    expect(seen).toEqual([
      [undefined, 1],
      [1, 2],
    ]);
  });

  it.each([
    ['an option', new GetCommand({ TableName, Key, ProjectionExpression: 'pk' })],
    ['an operation', new (class ScanCommand extends GetCommand {})({ TableName, Key })],
    ['an attribute', new PutCommand({ TableName, Item: { ...Key, at: new Date(0) } })],
  ])('throws for an unsupported request: %s', (_what, command) => {
    expect(() => start().table.execute(command)).toThrow(/expected a call that the simulated services model/);
  });
});
