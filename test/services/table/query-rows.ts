import type { QueryCommandInput, QueryCommandOutput } from '@aws-sdk/lib-dynamodb';
import { assertKnownInput, NotSimulatedError } from '../command.ts';
import { validationError } from '../service-errors.ts';
import { holds } from './evaluate-condition.ts';
import { ExpressionContext } from './expression-context.ts';
import type { Condition, Path } from './expression-syntax.ts';
import { keyRangeOf } from './key-range.ts';
import type { Row, TableKeys } from './options.ts';
import { parseCondition } from './parse-condition.ts';
import { compareEntries, type Entry, partitionPoint, type SortedRows } from './sorted-rows.ts';

const KNOWN_INPUT = new Set([
  'TableName',
  'IndexName',
  'KeyConditionExpression',
  'FilterExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'ExclusiveStartKey',
  'ConsistentRead',
  'ScanIndexForward',
  'Limit',
  'Select',
]);
/** Amazon DynamoDB Developer Guide, "Paginating table query results". */
const MAX_PAGE_BYTES = 1024 * 1024;

/** What is asked: a table or one of its indexes. */
export interface Queried {
  rows: SortedRows;
  keys: TableKeys;
  /** The row that a start key names, where it stands or stood. */
  positionOf(startKey: Row): Pick<Entry, 'partition' | 'id' | 'sort'>;
  /** The key of the page's last row, as the next page takes it. */
  lastKeyOf(row: Row): Record<string, unknown>;
  pageItems: number;
}

/** One page of a query. The limit counts rows before the filter. */
export function queryRows(input: QueryCommandInput, queried: Queried): QueryCommandOutput {
  assertKnownInput('Query', input, KNOWN_INPUT);
  if (input.Select !== undefined && input.Select !== 'COUNT')
    throw new NotSimulatedError(`Select ${input.Select}`);
  if (input.KeyConditionExpression === undefined) {
    throw validationError('Either the KeyConditions or KeyConditionExpression parameter must be specified');
  }
  if (input.Limit !== undefined && input.Limit < 1)
    throw validationError('Limit must be greater than or equal to 1');
  const keyCondition = parseCondition(input.KeyConditionExpression);
  const filter = input.FilterExpression === undefined ? undefined : parseCondition(input.FilterExpression);
  const context = new ExpressionContext(input, [keyCondition, filter]);
  if (filter !== undefined) assertNoKeys(filter.root, queried.keys, context);
  const range = keyRangeOf(keyCondition.root, queried.keys, context);

  const entries = queried.rows.ofPartition(range.partition);
  let start = partitionPoint(entries, ({ sort }) => range.isBefore(sort));
  let end = partitionPoint(entries, ({ sort }) => !range.isBehind(sort));
  const isForward = input.ScanIndexForward !== false;
  if (input.ExclusiveStartKey !== undefined) {
    const position = queried.positionOf(input.ExclusiveStartKey);
    if (
      position.partition !== range.partition ||
      range.isBefore(position.sort) ||
      range.isBehind(position.sort)
    ) {
      throw validationError(
        'The provided starting key is outside query boundaries based on provided conditions',
      );
    }
    if (isForward) start = partitionPoint(entries, (entry) => compareEntries(entry, position) <= 0);
    else end = partitionPoint(entries, (entry) => compareEntries(entry, position) < 0);
  }

  const limit = Math.min(input.Limit ?? Number.POSITIVE_INFINITY, queried.pageItems);
  const items: Row[] = [];
  let read = 0;
  let bytes = 0;
  let last: Entry | undefined;
  for (let at = 0; at < end - start && read < limit; at += 1) {
    const entry = entries[isForward ? start + at : end - 1 - at] as Entry;
    if (bytes + entry.bytes > MAX_PAGE_BYTES && read > 0) break;
    read += 1;
    bytes += entry.bytes;
    last = entry;
    if (filter === undefined || holds(filter.root, entry.row, context)) items.push(entry.row);
  }
  // A page that is full names its last row, even when nothing follows: DynamoDB does not look further.
  const isCut = read < end - start || read === limit;
  return {
    Count: items.length,
    ScannedCount: read,
    ...(input.Select === 'COUNT' ? {} : { Items: items as Record<string, unknown>[] }),
    ...(isCut && last !== undefined ? { LastEvaluatedKey: queried.lastKeyOf(last.row) } : {}),
    $metadata: { httpStatusCode: 200 },
  };
}

function assertNoKeys(condition: Condition, keys: TableKeys, context: ExpressionContext): void {
  for (const path of pathsOf(condition)) {
    const name = path.map((step) => context.keyOf(step))[0];
    if (name === keys.partitionKey || name === keys.sortKey) {
      throw validationError(
        `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${name}`,
      );
    }
  }
}

function pathsOf(condition: Condition): Path[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return [...pathsOf(condition.left), ...pathsOf(condition.right)];
    case 'not':
      return pathsOf(condition.condition);
    case 'exists':
    case 'missing':
      return [condition.path];
    case 'compare':
      return [condition.left, condition.right].flatMap(pathOfOperand);
    case 'between':
      return [condition.operand, condition.low, condition.high].flatMap(pathOfOperand);
    case 'in':
      return [condition.operand, ...condition.list].flatMap(pathOfOperand);
    case 'begins_with':
    case 'contains':
      return [condition.operand, condition.part].flatMap(pathOfOperand);
    default:
      return condition satisfies never;
  }
}

function pathOfOperand(operand: { kind: string; path?: Path }): Path[] {
  return operand.path === undefined ? [] : [operand.path];
}
