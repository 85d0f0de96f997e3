import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
} from '@aws-sdk/lib-dynamodb';
import { type ConformanceCase, type ConformanceWorld, EMPTY_INDEX_KEY, failureOf, TABLE } from './world.ts';

const INVALID = '400 ValidationException';
const keys = (pk: string, count: number) =>
  Array.from({ length: count }, (_, at) => ({ pk, sk: String(at).padStart(3, '0') }));
const big = (kilobytes: number) => 'x'.repeat(kilobytes * 1024);

async function write(world: ConformanceWorld, items: readonly Record<string, unknown>[]) {
  const puts = items.map((Item) => ({ PutRequest: { Item } }));
  const { UnprocessedItems } = await world.table.send(
    new BatchWriteCommand({ RequestItems: { [TABLE]: puts } }),
  );
  return Object.keys(UnprocessedItems ?? {}).length;
}

async function read(world: ConformanceWorld, Keys: Record<string, unknown>[], ConsistentRead = true) {
  const answer = await world.table.send(
    new BatchGetCommand({ RequestItems: { [TABLE]: { Keys, ConsistentRead } } }),
  );
  return (answer.Responses?.[TABLE] ?? []).map((row) => String(row['sk'])).sort();
}

const put = (Item: Record<string, unknown>) => new PutCommand({ TableName: TABLE, Item });
const get = (Key: Record<string, unknown>) => new GetCommand({ TableName: TABLE, Key, ConsistentRead: true });

export const batchCases: readonly ConformanceCase[] = [
  {
    name: 'a row is kept as it was put, without what is undefined',
    expected: { pk: 'put', sk: 'a', n: 1.5, nested: { list: [1, 'two', null, true], empty: '' } },
    run: async (world) => {
      const nested = { list: [1, 'two', null, true, undefined], empty: '', gone: undefined };
      await world.table.send(put({ pk: 'put', sk: 'a', n: 1.5, gone: undefined, nested }));
      return (await world.table.send(get({ pk: 'put', sk: 'a' }))).Item;
    },
  },
  {
    name: 'a second put replaces the whole row',
    expected: { pk: 'replace', sk: 'a', b: 2 },
    run: async (world) => {
      await world.table.send(put({ pk: 'replace', sk: 'a', a: 1 }));
      await world.table.send(put({ pk: 'replace', sk: 'a', b: 2 }));
      return (await world.table.send(get({ pk: 'replace', sk: 'a' }))).Item;
    },
  },
  {
    name: 'a row that is not there: no item, and a removal that succeeds',
    expected: [undefined, 'no failure'],
    run: async (world) => {
      const Key = { pk: 'nothing', sk: 'a' };
      const { Item } = await world.table.send(get(Key));
      return [Item, await failureOf(world.table.send(new DeleteCommand({ TableName: TABLE, Key })))];
    },
  },
  ...(
    [
      ['an empty key', put({ pk: '', sk: 'a' }), INVALID],
      ['no sort key', put({ pk: 'a' }), INVALID],
      ['a number as key', put({ pk: 1, sk: 'a' }), INVALID],
      ['a key too many', get({ pk: 'a', sk: 'a', more: 'x' }), INVALID],
      ['an empty key of an index', put({ pk: 'a', sk: 'a', dueAt: '' }), INVALID],
      ['a number as key of an index', put({ pk: 'a', sk: 'a', dueAt: 1 }), INVALID],
      ['400 KB', put({ pk: 'large', sk: 'a', text: 'x'.repeat(400 * 1024 - 14) }), 'no failure'],
      ['over 400 KB', put({ pk: 'large', sk: 'a', text: 'x'.repeat(400 * 1024 - 13) }), INVALID],
      [
        'another table',
        new PutCommand({ TableName: 'elsewhere', Item: { pk: 'a', sk: 'a' } }),
        '400 ResourceNotFoundException',
      ],
    ] as const
  ).map(([name, command, expected]) => ({
    name: `a call with ${name}`,
    expected,
    ...(name === 'an empty key of an index' ? { embeddedDiffers: EMPTY_INDEX_KEY } : {}),
    run: (world: ConformanceWorld) => failureOf(world.table.send(command as PutCommand)),
  })),
  {
    name: 'BatchWriteItem: 25 rows, puts and removals together',
    expected: [0, ['000', '002']],
    run: async (world) => {
      const all = keys('write-25', 25);
      const left = await write(world, all);
      const requests = [
        ...all.slice(3).map((Key) => ({ DeleteRequest: { Key } })),
        { DeleteRequest: { Key: { pk: 'write-25', sk: '001' } } },
        { PutRequest: { Item: { pk: 'write-25', sk: '002', again: true } } },
      ];
      await world.table.send(new BatchWriteCommand({ RequestItems: { [TABLE]: requests } }));
      return [left, await read(world, all)];
    },
  },
  {
    name: 'BatchWriteItem refuses 26 rows, none, one twice, and one too large, whole',
    expected: [INVALID, INVALID, INVALID, INVALID, []],
    run: async (world) => {
      const all = keys('write-26', 26);
      return [
        await failureOf(write(world, all)),
        await failureOf(write(world, [])),
        await failureOf(write(world, [...all.slice(0, 2), ...all.slice(0, 1)])),
        await failureOf(
          write(world, [
            { pk: 'write-26', sk: '000' },
            { pk: 'write-26', sk: 'big', text: big(401) },
          ]),
        ),
        await read(world, all),
      ];
    },
  },
  {
    name: 'BatchGetItem: those of 100 that exist, in no order',
    expected: ['000', '001', '002'],
    run: async (world) => {
      await write(world, keys('read-100', 3));
      return read(world, keys('read-100', 100));
    },
  },
  {
    name: 'BatchGetItem without consistency, when all is quiet',
    expected: ['000', '001'],
    run: async (world) => {
      await write(world, keys('read-quiet', 2));
      await world.pass(100);
      return read(world, keys('read-quiet', 3), false);
    },
  },
  {
    name: 'BatchGetItem refuses 101 keys, none, and one twice',
    expected: [INVALID, INVALID, INVALID],
    run: async (world) => [
      await failureOf(read(world, keys('read-101', 101))),
      await failureOf(read(world, [])),
      await failureOf(read(world, [...keys('read-101', 2), ...keys('read-101', 1)])),
    ],
  },
];
