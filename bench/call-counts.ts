import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { IndexWrites } from './index-writes.ts';

/** Names that the stage runner counts besides SDK commands. */
export const COUNTED = { sqs: 'SQS', lambda: 'Lambda', events: 'Events' } as const;

/** Requests of one kind of work, as AWS bills them. */
export class CallCounts {
  /** By SDK command, without `Command`. */
  readonly commands = new Map<string, number>();
  writeUnits = 0;
  readUnits = 0;
  /** Of the lines that functions write, metrics included. */
  logBytes = 0;

  add(command: string, times = 1): void {
    this.commands.set(command, (this.commands.get(command) ?? 0) + times);
  }

  of(...commands: readonly string[]): number {
    return commands.reduce((sum, command) => sum + (this.commands.get(command) ?? 0), 0);
  }
}

export function merged(parts: readonly CallCounts[]): CallCounts {
  const sum = new CallCounts();
  for (const part of parts) {
    for (const [command, times] of part.commands) sum.add(command, times);
    sum.writeUnits += part.writeUnits;
    sum.readUnits += part.readUnits;
    sum.logBytes += part.logBytes;
  }
  return sum;
}

const DYNAMO_READS = ['GetItem', 'BatchGetItem', 'Query'];
export const DYNAMO_COMMANDS = [...DYNAMO_READS, 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'];

/** Counts what the client sends from now on. `counts` is asked at each call, so that stages can be told apart. */
export function countS3(client: S3Client, counts: () => CallCounts): void {
  client.middlewareStack.add(
    (next, context) => (args) => {
      counts().add(commandOf(context));
      return next(args);
    },
    { step: 'initialize', name: 'countCalls' },
  );
}

/**
 * The same for DynamoDB, with the units of the table that the server reckons (1 KB a write, 4 KB a strongly
 * consistent read) and those of the indexes, which it leaves out.
 */
export function countDynamo(
  client: DynamoDBClient,
  counts: () => CallCounts,
  indexWrites?: IndexWrites,
): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const current = counts();
      const command = commandOf(context);
      current.add(command);
      const input = { ...args.input, ReturnConsumedCapacity: 'TOTAL' as const };
      const result = await next({ ...args, input });
      const units = capacityOf(result.output);
      if (DYNAMO_READS.includes(command)) current.readUnits += units;
      else current.writeUnits += units + ((await indexWrites?.after(args.input)) ?? 0);
      return result;
    },
    { step: 'initialize', name: 'countCalls', priority: 'low' },
  );
}

function commandOf(context: { commandName?: string }): string {
  return (context.commandName ?? 'unknown').replace(/Command$/, '');
}

function capacityOf(output: object): number {
  const consumed: unknown = 'ConsumedCapacity' in output ? output.ConsumedCapacity : undefined;
  const entries = Array.isArray(consumed) ? consumed : [consumed];
  return entries.reduce((sum: number, entry: { CapacityUnits?: number } | undefined) => {
    return sum + (entry?.CapacityUnits ?? 0);
  }, 0);
}
