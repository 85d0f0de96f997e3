import { ConditionalCheckFailedException, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import type {
  BatchGetCommandInput,
  BatchWriteCommandInput,
  DeleteCommandInput,
  GetCommandInput,
  PutCommandInput,
  QueryCommandInput,
  UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { assertKnownInput, NotSimulatedError, operationOf, type SimulatedCommand } from '../command.ts';
import { validationError } from '../service-errors.ts';
import { applyUpdate } from './apply-update.ts';
import { holds } from './evaluate-condition.ts';
import { ExpressionContext } from './expression-context.ts';
import type { Row, SimulatedTableOptions } from './options.ts';
import { parseCondition } from './parse-condition.ts';
import { parseUpdate } from './parse-update.ts';
import { queryRows } from './query-rows.ts';
import { type RowKey, TableRows } from './table-rows.ts';

const CONDITION_INPUT = [
  'TableName',
  'ConditionExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'ReturnValues',
];
const GET_INPUT = new Set(['TableName', 'Key', 'ConsistentRead']);
const PUT_INPUT = new Set([...CONDITION_INPUT, 'Item']);
const DELETE_INPUT = new Set([...CONDITION_INPUT, 'Key']);
const UPDATE_INPUT = new Set([...CONDITION_INPUT, 'Key', 'UpdateExpression']);
const BATCH_INPUT = new Set(['RequestItems']);
const BATCH_GET_TABLE_INPUT = new Set(['Keys', 'ConsistentRead']);
/** Amazon DynamoDB API Reference, BatchWriteItem and BatchGetItem. */
const MAX_BATCH_WRITES = 25;
const MAX_BATCH_READS = 100;
const OK = { $metadata: { httpStatusCode: 200 } };

/**
 * One table of DynamoDB behind the document client's commands. Rows are deeply frozen: whoever changes what it read
 * gets a TypeError. Whatever it does not model throws `NotSimulatedError`.
 */
export class SimulatedTable {
  readonly service = 'dynamodb';
  readonly #options: SimulatedTableOptions;
  readonly #rows: TableRows;

  constructor(options: SimulatedTableOptions) {
    this.#options = options;
    this.#rows = new TableRows(options);
  }

  /** @throws what the service throws: ConditionalCheckFailedException, ResourceNotFoundException, ValidationException */
  execute(command: SimulatedCommand): object {
    const operation = operationOf(command);
    switch (operation) {
      case 'GetItem':
        return this.#get(command.input as GetCommandInput);
      case 'PutItem':
        return this.#put(command.input as PutCommandInput);
      case 'UpdateItem':
        return this.#update(command.input as UpdateCommandInput);
      case 'DeleteItem':
        return this.#delete(command.input as DeleteCommandInput);
      case 'Query': {
        const input = command.input as QueryCommandInput;
        this.#assertTable(input.TableName);
        return queryRows(input, this.#rows.queried(input.IndexName, input.ConsistentRead === true));
      }
      case 'BatchGetItem':
        return this.#batchGet(command.input as BatchGetCommandInput);
      case 'BatchWriteItem':
        return this.#batchWrite(command.input as BatchWriteCommandInput);
      default:
        throw new NotSimulatedError(operation);
    }
  }

  /**
   * Deletes rows whose `attribute` (seconds since 1970) has passed, as DynamoDB does, some time after it. `isTaken`: whichever it
   * likes, one by one.
   */
  deleteExpired(attribute: string, isTaken: (row: Row) => boolean = () => true): void {
    const nowSeconds = this.#options.now() / 1000;
    const expired = [...this.#rows].filter((row) => Number(row[attribute] ?? Number.NaN) <= nowSeconds);
    for (const row of expired.filter(isTaken)) this.#rows.write(this.#rows.keyOfItem(row), undefined);
  }

  /** Every row as it is now, for invariants. */
  rows(): Iterable<Row> {
    return this.#rows;
  }

  #get(input: GetCommandInput): object {
    assertKnownInput('GetItem', input, GET_INPUT);
    this.#assertTable(input.TableName);
    const row = this.#rows.read(this.#rows.keyOf(input.Key), input.ConsistentRead === true);
    return row === undefined ? OK : { ...OK, Item: row };
  }

  #put(input: PutCommandInput): object {
    assertKnownInput('PutItem', input, PUT_INPUT);
    this.#assertTable(input.TableName);
    assertReturnValues(input.ReturnValues, ['NONE', 'ALL_OLD']);
    const item = input.Item ?? {};
    const key = this.#rows.keyOfItem(item);
    this.#assertCondition(input, key);
    return answerOf(input.ReturnValues, this.#rows.write(key, this.#rows.prepare(item)));
  }

  #delete(input: DeleteCommandInput): object {
    assertKnownInput('DeleteItem', input, DELETE_INPUT);
    this.#assertTable(input.TableName);
    assertReturnValues(input.ReturnValues, ['NONE', 'ALL_OLD']);
    const key = this.#rows.keyOf(input.Key);
    this.#assertCondition(input, key);
    return answerOf(input.ReturnValues, this.#rows.write(key, undefined));
  }

  #update(input: UpdateCommandInput): object {
    assertKnownInput('UpdateItem', input, UPDATE_INPUT);
    this.#assertTable(input.TableName);
    assertReturnValues(input.ReturnValues, ['NONE', 'ALL_OLD', 'ALL_NEW', 'UPDATED_NEW']);
    const key = this.#rows.keyOf(input.Key);
    const { schema } = this.#options;
    const update = input.UpdateExpression === undefined ? undefined : parseUpdate(input.UpdateExpression);
    const condition =
      input.ConditionExpression === undefined ? undefined : parseCondition(input.ConditionExpression);
    const context = new ExpressionContext(input, [update, condition]);
    const before = this.#rows.read(key, true);
    if (condition !== undefined && !holds(condition.root, before, context)) throw refused();
    const actions = update?.root ?? [];
    const row = before ?? { [schema.partitionKey]: key.partition, [schema.sortKey]: key.sort };
    const next = applyUpdate(row, actions, context, [schema.partitionKey, schema.sortKey]);
    const written = this.#rows.write(key, this.#rows.prepare(next));
    if (input.ReturnValues !== 'UPDATED_NEW') return answerOf(input.ReturnValues, written);
    // Only whole attributes are asked for here; a path into one would bring that part alone.
    if (actions.some(({ path }) => path.length > 1))
      throw new NotSimulatedError('UPDATED_NEW of a document path');
    const names = actions.map(({ path }) => path.map((step) => String(context.keyOf(step)))[0] ?? '');
    const { after = {} } = written;
    const entries = names.filter((name) => Object.hasOwn(after, name)).map((name) => [name, after[name]]);
    return { ...OK, Attributes: Object.freeze(Object.fromEntries(entries)) };
  }

  #batchGet(input: BatchGetCommandInput): object {
    assertKnownInput('BatchGetItem', input, BATCH_INPUT);
    const request = this.#onlyTableOf(input.RequestItems);
    assertKnownInput('BatchGetItem', request, BATCH_GET_TABLE_INPUT);
    const given = request.Keys ?? [];
    const keys = given.map((key) => this.#rows.keyOf(key));
    assertBatch(keys, MAX_BATCH_READS);
    const done = given.length - this.#unprocessed('BatchGetItem', given.length);
    // In another order than asked for: DynamoDB promises none.
    const rows = keys
      .slice(0, done)
      .reverse()
      .flatMap((key) => this.#rows.read(key, request.ConsistentRead === true) ?? []);
    const left = given.slice(done);
    const { tableName } = this.#options;
    return {
      ...OK,
      Responses: { [tableName]: rows },
      UnprocessedKeys: left.length === 0 ? {} : { [tableName]: { ...request, Keys: left } },
    };
  }

  #batchWrite(input: BatchWriteCommandInput): object {
    assertKnownInput('BatchWriteItem', input, BATCH_INPUT);
    const requests = this.#onlyTableOf(input.RequestItems);
    const writes = requests.map(({ PutRequest: put, DeleteRequest: remove }) => {
      if ((put === undefined) === (remove === undefined)) {
        throw validationError('Supplied AttributeValue has more than one datatypes set, or none');
      }
      const item = put?.Item;
      return item === undefined
        ? { key: this.#rows.keyOf(remove?.Key), stored: undefined }
        : { key: this.#rows.keyOfItem(item), stored: this.#rows.prepare(item) };
    });
    assertBatch(
      writes.map(({ key }) => key),
      MAX_BATCH_WRITES,
    );
    const done = writes.length - this.#unprocessed('BatchWriteItem', writes.length);
    for (const { key, stored } of writes.slice(0, done)) this.#rows.write(key, stored);
    const left = requests.slice(done);
    return { ...OK, UnprocessedItems: left.length === 0 ? {} : { [this.#options.tableName]: left } };
  }

  #unprocessed(operation: 'BatchGetItem' | 'BatchWriteItem', items: number): number {
    return Math.min(items, Math.max(0, this.#options.unprocessed?.(operation, items) ?? 0));
  }

  #assertCondition(input: PutCommandInput | DeleteCommandInput, key: RowKey): void {
    if (input.ConditionExpression === undefined) {
      new ExpressionContext(input, []);
      return;
    }
    const condition = parseCondition(input.ConditionExpression);
    const context = new ExpressionContext(input, [condition]);
    if (!holds(condition.root, this.#rows.read(key, true), context)) throw refused();
  }

  #onlyTableOf<T>(requestItems: Record<string, T> | undefined): T {
    const [only, ...others] = Object.entries(requestItems ?? {});
    if (only === undefined)
      throw validationError('1 validation error detected: requestItems must not be empty');
    if (others.length > 0) throw new NotSimulatedError('a batch over several tables');
    this.#assertTable(only[0]);
    return only[1];
  }

  #assertTable(name: string | undefined): void {
    if (name === this.#options.tableName) return;
    throw new ResourceNotFoundException({
      message: 'Requested resource not found',
      $metadata: { httpStatusCode: 400 },
    });
  }
}

function answerOf(
  returnValues: string | undefined,
  { before, after }: { before?: unknown; after?: unknown },
): object {
  const attributes = returnValues === 'ALL_OLD' ? before : returnValues === 'ALL_NEW' ? after : undefined;
  return attributes === undefined ? OK : { ...OK, Attributes: attributes };
}

function refused(): ConditionalCheckFailedException {
  return new ConditionalCheckFailedException({
    message: 'The conditional request failed',
    $metadata: { httpStatusCode: 400 },
  });
}

function assertReturnValues(asked: string | undefined, known: readonly string[]): void {
  if (asked !== undefined && !known.includes(asked)) throw new NotSimulatedError(`ReturnValues ${asked}`);
}

function assertBatch(keys: readonly RowKey[], max: number): void {
  if (keys.length === 0 || keys.length > max) {
    throw validationError(`1 validation error detected: expected 1 to ${max} requests, got ${keys.length}`);
  }
  if (new Set(keys.map(({ partition, sort }) => `${partition}\0${sort}`)).size !== keys.length) {
    throw validationError('Provided list of item keys contains duplicates');
  }
}
