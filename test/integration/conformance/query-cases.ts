import { DeleteCommand, PutCommand, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { type ConformanceCase, type ConformanceWorld, failureOf, TABLE } from './world.ts';

const INVALID = '400 ValidationException';
type Query = Omit<QueryCommandInput, 'TableName'>;

async function put(world: ConformanceWorld, rows: readonly Record<string, unknown>[]) {
  for (const Item of rows) await world.table.send(new PutCommand({ TableName: TABLE, Item }));
}

/** What all pages have together, and whether there was more than one. */
async function all(world: ConformanceWorld, query: Query) {
  const rows: Record<string, unknown>[] = [];
  let pages = 0;
  let next: Record<string, unknown> | undefined;
  do {
    const start = next === undefined ? {} : { ExclusiveStartKey: next };
    const answer = await world.table.send(new QueryCommand({ TableName: TABLE, ...query, ...start }));
    rows.push(...(answer.Items ?? []));
    next = answer.LastEvaluatedKey;
    pages += 1;
  } while (next !== undefined);
  return { rows, pages };
}

const sortKeys = async (world: ConformanceWorld, query: Query) =>
  (await all(world, query)).rows.map((row) => row['sk']);
const ofPartition = (pk: string, more = ''): Query => ({
  KeyConditionExpression: `pk = :pk${more}`,
  ExpressionAttributeValues: { ':pk': pk },
  ConsistentRead: true,
});
const withValues = (query: Query, values: Record<string, unknown>): Query => ({
  ...query,
  ExpressionAttributeValues: { ...query.ExpressionAttributeValues, ...values },
});
const letters = (pk: string, count = 6) =>
  Array.from({ length: count }, (_, at) => ({ pk, sk: String.fromCharCode(97 + at), n: at }));

const RANGES: readonly [string, Record<string, unknown>, string][] = [
  ['begins_with(sk, :v)', { ':v': 'b' }, 'b,ba,bb'],
  ['sk = :v', { ':v': 'b' }, 'b'],
  ['sk < :v', { ':v': 'ba' }, 'a,b'],
  ['sk <= :v', { ':v': 'ba' }, 'a,b,ba'],
  ['sk > :v', { ':v': 'ba' }, 'bb,c'],
  ['sk >= :v', { ':v': 'ba' }, 'ba,bb,c'],
  ['sk BETWEEN :v AND :w', { ':v': 'b', ':w': 'bb' }, 'b,ba,bb'],
];

const REFUSED: readonly [string, Query][] = [
  ['no partition key', { KeyConditionExpression: 'sk = :v', ExpressionAttributeValues: { ':v': 'x' } }],
  ['a range of partitions', { KeyConditionExpression: 'pk > :v', ExpressionAttributeValues: { ':v': 'x' } }],
  ['another attribute', withValues(ofPartition('x', ' AND n = :v'), { ':v': 1 })],
  ['alternatives', withValues(ofPartition('x', ' OR pk = :v'), { ':v': 'y' })],
  ['a sort key that differs', withValues(ofPartition('x', ' AND sk <> :v'), { ':v': 'y' })],
  ['an unused value', withValues(ofPartition('x'), { ':v': 'y' })],
  ['a filter on a key', withValues({ ...ofPartition('x'), FilterExpression: 'sk = :v' }, { ':v': 'y' })],
  ['an unknown index', { ...ofPartition('x'), ConsistentRead: false, IndexName: 'byNothing' }],
  [
    'consistency of an index',
    {
      IndexName: 'byDue',
      KeyConditionExpression: 'dueShard = :s',
      ExpressionAttributeValues: { ':s': '0' },
      ConsistentRead: true,
    },
  ],
  ['no limit', { ...ofPartition('x'), Limit: 0 }],
  ['a start in another partition', { ...ofPartition('x'), ExclusiveStartKey: { pk: 'y', sk: 'a' } }],
];

const indexed = (pk: string, dueAt: string | undefined) => ({
  pk,
  sk: 'SERIES',
  dueShard: 'shard-index',
  dueAt,
  state: 'NOT-PROJECTED',
  changedAt: 'x',
});
const DUE: Query = {
  IndexName: 'byDue',
  KeyConditionExpression: 'dueShard = :shard AND dueAt <= :now',
  ExpressionAttributeValues: { ':shard': 'shard-index', ':now': '5' },
};

export const queryCases: readonly ConformanceCase[] = [
  ...RANGES.map(([range, values, expected], at) => ({
    name: `query ${range}`,
    expected: [expected, expected.split(',').reverse().join(',')],
    run: async (world: ConformanceWorld) => {
      const pk = `range-${at}`;
      await put(
        world,
        ['c', 'ba', 'a', 'bb', 'b'].map((sk) => ({ pk, sk })),
      );
      const query = withValues(ofPartition(pk, ` AND ${range}`), values);
      const forward = await sortKeys(world, query);
      const backward = await sortKeys(world, { ...query, ScanIndexForward: false });
      return [forward.join(','), backward.join(',')];
    },
  })),
  ...REFUSED.map(([name, query]) => ({
    name: `a query with ${name} is refused`,
    expected: INVALID,
    run: (world: ConformanceWorld) =>
      failureOf(world.table.send(new QueryCommand({ TableName: TABLE, ...query }))),
  })),
  {
    name: 'sort keys stand in the order of their UTF-8 bytes',
    expected: ['#', '1', '10', '9', 'A', 'a', 'é', '｡', '😀'],
    run: async (world) => {
      await put(
        world,
        ['😀', 'é', 'a', '｡', '10', '9', 'A', '1', '#'].map((sk) => ({ pk: 'utf8', sk })),
      );
      return sortKeys(world, ofPartition('utf8'));
    },
  },
  {
    name: 'pages of a limit together have every row once, forwards and backwards',
    expected: ['abcdef', 'fedcba', true],
    run: async (world) => {
      await put(world, letters('pages'));
      const forward = await all(world, { ...ofPartition('pages'), Limit: 2 });
      const backward = await all(world, { ...ofPartition('pages'), Limit: 2, ScanIndexForward: false });
      const text = ({ rows }: { rows: Record<string, unknown>[] }) => rows.map(({ sk }) => sk).join('');
      return [text(forward), text(backward), forward.pages >= 3];
    },
  },
  {
    name: 'a start key need not exist any more',
    expected: ['d', 'e', 'f'],
    run: async (world) => {
      await put(world, letters('start'));
      await world.table.send(new DeleteCommand({ TableName: TABLE, Key: { pk: 'start', sk: 'c' } }));
      return sortKeys(world, { ...ofPartition('start'), ExclusiveStartKey: { pk: 'start', sk: 'c' } });
    },
  },
  {
    name: 'the limit counts rows before the filter',
    expected: [[], 2, ['d', 'e', 'f']],
    run: async (world) => {
      await put(world, letters('filter'));
      const query = withValues(
        { ...ofPartition('filter'), FilterExpression: 'n > :n', Limit: 2 },
        { ':n': 2 },
      );
      const first = await world.table.send(new QueryCommand({ TableName: TABLE, ...query }));
      return [first.Items, first.ScannedCount, await sortKeys(world, query)];
    },
  },
  {
    name: 'counting brings no rows',
    expected: [6, undefined],
    run: async (world) => {
      await put(world, letters('count'));
      const answer = await world.table.send(
        new QueryCommand({ TableName: TABLE, ...ofPartition('count'), Select: 'COUNT' }),
      );
      return [answer.Count, answer.Items];
    },
  },
  {
    name: 'a page ends at 1 MB',
    expected: [6, true],
    run: async (world) => {
      await put(
        world,
        letters('large').map((row) => ({ ...row, text: 'x'.repeat(300 * 1024) })),
      );
      const { rows, pages } = await all(world, ofPartition('large'));
      return [rows.length, pages > 1];
    },
  },
  {
    name: 'a partition without rows has one empty page',
    expected: { rows: [], pages: 1 },
    run: (world) => all(world, ofPartition('empty')),
  },
  {
    name: 'an index has the rows with its keys, and of them the keys alone',
    expected: [
      { pk: 'index-2', sk: 'SERIES', dueShard: 'shard-index', dueAt: '1' },
      { pk: 'index-1', sk: 'SERIES', dueShard: 'shard-index', dueAt: '2' },
      { pk: 'index-5', sk: 'SERIES', dueShard: 'shard-index', dueAt: '5' },
    ],
    run: async (world) => {
      await put(world, [
        indexed('index-1', '9'),
        indexed('index-2', '1'),
        indexed('index-3', undefined),
        indexed('index-4', '3'),
        indexed('index-5', '5'),
        indexed('index-6', '6'),
      ]);
      // A row moves in the index, another leaves it.
      await put(world, [indexed('index-1', '2'), indexed('index-4', undefined)]);
      await world.pass(100);
      return (await all(world, DUE)).rows;
    },
  },
  {
    name: 'pages of an index together have every row once, those of one sort key too',
    expected: [['page-0', 'page-1', 'page-2', 'page-3', 'page-4'], true],
    run: async (world) => {
      const changedAt = (at: number) => (at < 3 ? '1' : '2');
      const row = (at: number) => ({
        pk: `page-${at}`,
        sk: 'OBJECT',
        state: 'PAGED',
        changedAt: changedAt(at),
      });
      await put(
        world,
        Array.from({ length: 5 }, (_, at) => row(at)),
      );
      await world.pass(100);
      const { rows } = await all(world, {
        IndexName: 'byState',
        KeyConditionExpression: '#state = :state',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: { ':state': 'PAGED' },
        ScanIndexForward: false,
        Limit: 2,
      });
      const times = rows.map((found) => String(found['changedAt']));
      return [rows.map(({ pk }) => pk).sort(), times.join('') === '22111'];
    },
  },
  {
    name: 'a filter of an index reads the keys of the table',
    expected: ['ct#1'],
    run: async (world) => {
      const row = (pk: string) => ({ pk, sk: 'SERIES', state: 'FILTERED', changedAt: '1' });
      await put(world, [row('ct#1'), row('mr#1')]);
      await world.pass(100);
      const { rows } = await all(world, {
        IndexName: 'byState',
        KeyConditionExpression: '#state = :state AND changedAt <= :after',
        FilterExpression: 'begins_with(pk, :source)',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: { ':state': 'FILTERED', ':after': '1', ':source': 'ct#' },
      });
      return rows.map(({ pk }) => pk);
    },
  },
];
