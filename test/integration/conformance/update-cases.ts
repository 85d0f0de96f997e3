import { GetCommand, PutCommand, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { type ConformanceCase, type ConformanceWorld, EMPTY_INDEX_KEY, failureOf, TABLE } from './world.ts';

const STANDING = { count: 2, marker: { at: 't1' }, list: ['a'], text: 'x', note: null };

interface Row {
  name: string;
  update: string;
  names?: Record<string, string>;
  values?: Record<string, unknown>;
  condition?: string;
  returns?: UpdateCommandInput['ReturnValues'];
  isMissing?: boolean;
  embeddedDiffers?: string;
  /** Attributes answered and attributes kept, or the error and what stands then. */
  expected: [unknown, unknown];
}

const INVALID: [unknown, unknown] = ['400 ValidationException', STANDING];

const ROWS: readonly Row[] = [
  {
    name: 'SET and ADD make a row',
    update: 'SET a = if_not_exists(a, :one), b = :list ADD n :one',
    values: { ':one': 1, ':list': [] },
    returns: 'ALL_NEW',
    isMissing: true,
    expected: [
      { pk: 'update-0', sk: 'row', a: 1, b: [], n: 1 },
      { a: 1, b: [], n: 1 },
    ],
  },
  {
    name: 'if_not_exists keeps what is there, null too',
    update: 'SET note = if_not_exists(note, :v), #text = if_not_exists(#text, :v)',
    names: { '#text': 'text' },
    values: { ':v': 'new' },
    expected: [undefined, STANDING],
  },
  {
    name: 'ADD counts up and tells the new count alone',
    update: 'ADD #count :one',
    names: { '#count': 'count' },
    values: { ':one': 1 },
    returns: 'UPDATED_NEW',
    expected: [{ count: 3 }, { ...STANDING, count: 3 }],
  },
  {
    name: 'arithmetic and lists read the row as it was',
    update: 'SET #count = #count + :one, was = #count, #list = list_append(#list, :more), d = #count - :one',
    names: { '#count': 'count', '#list': 'list' },
    values: { ':one': 1, ':more': ['b'] },
    expected: [undefined, { ...STANDING, count: 3, was: 2, d: 1, list: ['a', 'b'] }],
  },
  {
    name: 'a member of a map',
    update: 'SET marker.isFulfilled = :true',
    condition: 'marker.#at = :at',
    names: { '#at': 'at' },
    values: { ':true': true, ':at': 't1' },
    expected: [undefined, { ...STANDING, marker: { at: 't1', isFulfilled: true } }],
  },
  {
    name: 'a member of a map, condition refused',
    update: 'SET marker.isFulfilled = :true',
    condition: 'marker.#at = :at',
    names: { '#at': 'at' },
    values: { ':true': true, ':at': 't2' },
    expected: ['400 ConditionalCheckFailedException', STANDING],
  },
  {
    name: 'a condition on a row that is not there',
    update: 'SET dueAt = :d',
    condition: 'attribute_exists(dueAt)',
    values: { ':d': 't' },
    isMissing: true,
    expected: ['400 ConditionalCheckFailedException', {}],
  },
  {
    name: 'REMOVE',
    update: 'REMOVE note, marker.#at',
    names: { '#at': 'at' },
    expected: [undefined, { count: 2, marker: {}, list: ['a'], text: 'x' }],
  },
  {
    name: 'a member of a map that is not there',
    update: 'SET nowhere.x = :v',
    values: { ':v': 1 },
    expected: INVALID,
  },
  {
    name: 'ADD to a text',
    update: 'ADD #t :one',
    names: { '#t': 'text' },
    values: { ':one': 1 },
    expected: INVALID,
  },
  { name: 'ADD of a text', update: 'ADD n :x', values: { ':x': 'x' }, expected: INVALID },
  {
    name: 'arithmetic on nothing',
    update: 'SET n = absent + :one',
    values: { ':one': 1 },
    expected: INVALID,
  },
  { name: 'a key', update: 'SET sk = :v', values: { ':v': 'x' }, expected: INVALID },
  { name: 'one path twice', update: 'SET x = :v, x = :v', values: { ':v': 1 }, expected: INVALID },
  {
    name: 'overlapping paths',
    update: 'SET marker.x = :v REMOVE marker',
    values: { ':v': 1 },
    expected: INVALID,
  },
  { name: 'a section twice', update: 'SET x = :v SET y = :v', values: { ':v': 1 }, expected: INVALID },
  { name: 'a reserved word', update: 'SET state = :v', values: { ':v': 'x' }, expected: INVALID },
  { name: 'an unused value', update: 'SET x = :v', values: { ':v': 1, ':w': 1 }, expected: INVALID },
  { name: 'an unknown value', update: 'SET x = :v', values: { ':w': 1 }, expected: INVALID },
  {
    name: 'an empty key of an index',
    update: 'SET dueAt = :v',
    values: { ':v': '' },
    expected: INVALID,
    embeddedDiffers: EMPTY_INDEX_KEY,
  },
  { name: 'a number as key of an index', update: 'SET dueAt = :v', values: { ':v': 1 }, expected: INVALID },
];

export const updateCases: readonly ConformanceCase[] = ROWS.map((row, at) => ({
  name: `update: ${row.name}`,
  expected: row.expected,
  ...(row.embeddedDiffers === undefined ? {} : { embeddedDiffers: row.embeddedDiffers }),
  run: async (world: ConformanceWorld) => {
    const Key = { pk: `update-${at}`, sk: 'row' };
    if (!row.isMissing)
      await world.table.send(new PutCommand({ TableName: TABLE, Item: { ...Key, ...STANDING } }));
    let answered: unknown;
    const update = async () => {
      const answer = await world.table.send(
        new UpdateCommand({
          TableName: TABLE,
          Key,
          UpdateExpression: row.update,
          ...(row.names === undefined ? {} : { ExpressionAttributeNames: row.names }),
          ...(row.values === undefined ? {} : { ExpressionAttributeValues: row.values }),
          ...(row.condition === undefined ? {} : { ConditionExpression: row.condition }),
          ...(row.returns === undefined ? {} : { ReturnValues: row.returns }),
        }),
      );
      answered = answer.Attributes;
    };
    const failure = await failureOf(update());
    const { Item = {} } = await world.table.send(
      new GetCommand({ TableName: TABLE, Key, ConsistentRead: true }),
    );
    const { pk: _pk, sk: _sk, ...kept } = Item;
    return [failure === 'no failure' ? answered : failure, kept];
  },
}));
