import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { createDirectRequests } from '../direct-requests.ts';
import { fromAttributes, toAttributes } from './attribute-values.ts';
import type { TableRef } from './batches.ts';

const OPERATIONS = new Map<unknown, string>([
  [GetCommand, 'GetItem'],
  [PutCommand, 'PutItem'],
  [UpdateCommand, 'UpdateItem'],
  [QueryCommand, 'Query'],
  [BatchGetCommand, 'BatchGetItem'],
  [BatchWriteCommand, 'BatchWriteItem'],
]);

const READS = ['GetItem', 'Query', 'BatchGetItem'];

const OK = 200;
const BAD_REQUEST = 400;

/**
 * The client of the table, whose requests go without the layers of the SDK first (direct-requests.ts). Rows have the form that
 * `DynamoDBDocumentClient` gives them.
 */
export function createDirectTable(client: DynamoDBClient): TableRef['client'] {
  const sdk = documentClient(client);
  const sendDirectly = createDirectRequests(client, () => true);
  const send = async (command: SdkCommand) => {
    const operation = OPERATIONS.get(command.constructor);
    if (operation === undefined) return sdk.send(command);
    const answer = await sendDirectly(
      ({ request }) => requestOf(operation, command.input, request.headers),
      [OK, BAD_REQUEST],
    );
    const body = answer && membersOf(answer.bytes);
    if (answer === undefined || body === undefined) return sdk.send(command);
    if (answer.status === OK) {
      try {
        return withRows(body, fromAttributes);
      } catch (error) {
        // What has been written is not written again.
        if (!READS.includes(operation)) throw error;
        return sdk.send(command);
      }
    }
    // Known by its type alone; each other refusal is sent again.
    if (!String(body['__type']).endsWith('#ConditionalCheckFailedException')) return sdk.send(command);
    throw new ConditionalCheckFailedException({
      message: String(body['message']),
      $metadata: { httpStatusCode: BAD_REQUEST },
    });
  };
  return { send } as TableRef['client'];
}

/** The SDK's own. Attributes that are `undefined` are left out of a row. */
export function documentClient(client: DynamoDBClient): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

type SdkCommand = Parameters<DynamoDBDocumentClient['send']>[0];
type Members = Record<string, unknown>;

/** `undefined`: it comes from something between here and DynamoDB. */
function membersOf(bytes: Uint8Array): Members | undefined {
  try {
    const body: unknown = JSON.parse(Buffer.from(bytes).toString());
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Members) : undefined;
  } catch {
    return undefined;
  }
}

function requestOf(operation: string, input: object, earlier: Readonly<Record<string, string>>) {
  const body = JSON.stringify(withRows(input, toAttributes));
  const { 'x-amz-content-sha256': _earlier, ...headers } = earlier;
  const length = String(Buffer.byteLength(body));
  const target = `DynamoDB_20120810.${operation}`;
  return { body, headers: { ...headers, 'content-length': length, 'x-amz-target': target } };
}

type Convert = (row: object) => Members;

/** Members that are a row, are rows, or have rows somewhere (Amazon DynamoDB API Reference). */
const ROWS = [
  'Key',
  'Item',
  'Attributes',
  'ExpressionAttributeValues',
  'ExclusiveStartKey',
  'LastEvaluatedKey',
];
const LISTS_OF_ROWS = ['Items', 'Keys'];
const BY_TABLE = ['RequestItems', 'UnprocessedItems', 'UnprocessedKeys'];
const ROWS_BY_TABLE = 'Responses';
const WRITES = ['PutRequest', 'DeleteRequest'];

/** An input or an answer with its rows converted. */
function withRows(members: object, convert: Convert): Members {
  const ofTable = (asked: unknown) =>
    Array.isArray(asked)
      ? asked.map((write: object) => withRows(write, convert))
      : withRows(asked as object, convert);
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => {
      if (value === undefined) return [name, value];
      if (ROWS.includes(name)) return [name, convert(value)];
      if (LISTS_OF_ROWS.includes(name)) return [name, value.map(convert)];
      if (WRITES.includes(name)) return [name, withRows(value, convert)];
      if (BY_TABLE.includes(name)) return [name, mapValues(value, ofTable)];
      if (name === ROWS_BY_TABLE) return [name, mapValues(value, (rows) => (rows as object[]).map(convert))];
      return [name, value];
    }),
  );
}

function mapValues(members: object, change: (value: unknown) => unknown): Members {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, change(value)]));
}
