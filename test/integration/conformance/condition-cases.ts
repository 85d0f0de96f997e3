import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { type ConformanceCase, type ConformanceWorld, failureOf, TABLE } from './world.ts';

const STANDING = {
  state: 'RECEIVING',
  version: 3,
  note: null,
  circuit: { openedAt: 't1', reason: 'denied' },
  object: { key: 'a/b', sizeBytes: 7 },
  parts: ['x', { n: 1 }],
  text: 'hello',
};
const HOLDS = 'no failure';
const REFUSED = '400 ConditionalCheckFailedException';
const INVALID = '400 ValidationException';

interface Row {
  condition: string;
  names?: Record<string, string>;
  values?: Record<string, unknown>;
  outcome: string;
  /** Instead of the standing row: none. */
  isMissing?: boolean;
  embeddedDiffers?: string;
}

const ROWS: readonly Row[] = [
  { condition: 'attribute_not_exists(pk)', outcome: REFUSED },
  { condition: 'attribute_not_exists(pk)', outcome: HOLDS, isMissing: true },
  { condition: 'attribute_exists(circuit.openedAt)', outcome: HOLDS },
  { condition: 'attribute_exists(circuit.recoveringAt)', outcome: REFUSED },
  { condition: 'attribute_exists(note)', outcome: HOLDS },
  { condition: 'attribute_exists(parts[1].n)', outcome: HOLDS },
  { condition: 'attribute_exists(parts[2])', outcome: REFUSED },
  { condition: 'version = :v', values: { ':v': 3 }, outcome: HOLDS },
  { condition: 'version = :v', values: { ':v': 4 }, outcome: REFUSED },
  { condition: 'version = :v', values: { ':v': '3' }, outcome: REFUSED },
  { condition: 'version = :v', values: { ':v': 3 }, outcome: REFUSED, isMissing: true },
  { condition: 'version <> :v', values: { ':v': 3 }, outcome: REFUSED },
  { condition: 'absent <> :v', values: { ':v': 3 }, outcome: HOLDS },
  { condition: 'absent < :v', values: { ':v': 3 }, outcome: REFUSED },
  { condition: 'version < :v', values: { ':v': 10 }, outcome: HOLDS },
  { condition: 'version >= :v AND version <= :v', values: { ':v': 3 }, outcome: HOLDS },
  { condition: 'version > :v', values: { ':v': 3 }, outcome: REFUSED },
  {
    condition: 'attribute_not_exists(pk) OR #state = :s',
    names: { '#state': 'state' },
    values: { ':s': 'RECEIVING' },
    outcome: HOLDS,
  },
  {
    condition: 'attribute_not_exists(pk) OR #state = :s',
    names: { '#state': 'state' },
    values: { ':s': 'DONE' },
    outcome: REFUSED,
  },
  { condition: 'NOT (version = :v OR version = :w)', values: { ':v': 1, ':w': 2 }, outcome: HOLDS },
  {
    condition: 'version = :v OR version = :w AND version = :v',
    values: { ':v': 3, ':w': 2 },
    outcome: HOLDS,
  },
  { condition: 'version BETWEEN :v AND :w', values: { ':v': 3, ':w': 4 }, outcome: HOLDS },
  { condition: 'version IN (:v, :w)', values: { ':v': 3, ':w': 4 }, outcome: HOLDS },
  { condition: 'version IN (:v, :w)', values: { ':v': 1, ':w': 4 }, outcome: REFUSED },
  { condition: 'circuit.openedAt = :t', values: { ':t': 't1' }, outcome: HOLDS },
  { condition: 'circuit.openedAt = :t', values: { ':t': 't1' }, outcome: REFUSED, isMissing: true },
  {
    condition: '#object = :o',
    names: { '#object': 'object' },
    values: { ':o': { sizeBytes: 7, key: 'a/b', versionId: undefined } },
    outcome: HOLDS,
    embeddedDiffers:
      'dynalite finds no two maps equal; DynamoDB compares their members (Developer Guide, "Comparison operator and function reference").',
  },
  {
    condition: '#object = :o',
    names: { '#object': 'object' },
    values: { ':o': { key: 'a/b' } },
    outcome: REFUSED,
  },
  {
    condition: 'attribute_not_exists(pk) OR circuit.#reason <> :r',
    names: { '#reason': 'reason' },
    values: { ':r': 'denied' },
    outcome: REFUSED,
  },
  { condition: 'note = :null', values: { ':null': null }, outcome: HOLDS },
  { condition: 'begins_with(sk, :p)', values: { ':p': 'ro' }, outcome: HOLDS },
  { condition: 'begins_with(sk, :p)', values: { ':p': 'x' }, outcome: REFUSED },
  { condition: 'begins_with(version, :p)', values: { ':p': '3' }, outcome: REFUSED },
  { condition: 'contains(parts, :p)', values: { ':p': 'x' }, outcome: HOLDS },
  { condition: 'size(circuit) = :two', values: { ':two': 2 }, outcome: HOLDS },
  { condition: 'size(parts) > :two', values: { ':two': 2 }, outcome: REFUSED },
  { condition: 'state = :s', values: { ':s': 'RECEIVING' }, outcome: INVALID },
  { condition: 'version = :v', values: { ':v': 3, ':unused': 1 }, outcome: INVALID },
  { condition: 'version = :missing', values: { ':v': 3 }, outcome: INVALID },
  { condition: '#n = :v', values: { ':v': 3 }, outcome: INVALID },
  { condition: 'version = ', outcome: INVALID },
  { condition: 'exists(version)', outcome: INVALID },
];

/** Each condition on a write and on a removal of one standing row. */
export const conditionCases: readonly ConformanceCase[] = ROWS.map((row, at) => ({
  name: `condition ${row.condition} of ${JSON.stringify(row.values ?? {})}${row.isMissing ? ', no row' : ''}`,
  expected: [row.outcome, row.outcome],
  ...(row.embeddedDiffers === undefined ? {} : { embeddedDiffers: row.embeddedDiffers }),
  run: async (world: ConformanceWorld) => {
    const Key = { pk: `condition-${at}`, sk: 'row' };
    const condition = {
      TableName: TABLE,
      ConditionExpression: row.condition,
      ...(row.names === undefined ? {} : { ExpressionAttributeNames: row.names }),
      ...(row.values === undefined ? {} : { ExpressionAttributeValues: row.values }),
    };
    const stand = async () => {
      if (row.isMissing) await world.table.send(new DeleteCommand({ TableName: TABLE, Key }));
      else await world.table.send(new PutCommand({ TableName: TABLE, Item: { ...Key, ...STANDING } }));
    };
    await stand();
    const put = await failureOf(
      world.table.send(new PutCommand({ ...condition, Item: { ...Key, changed: true } })),
    );
    await stand();
    return [put, await failureOf(world.table.send(new DeleteCommand({ ...condition, Key })))];
  },
}));
