import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type * as z from 'zod';
import { errorFields } from '../adapters/json-log.ts';
import type { Log } from '../core/ports.ts';

/**
 * Works on each record of a batch and answers which ones failed: SQS keeps those, gives them again after the
 * visibility time-out, and moves them to the dead-letter queue when that has happened too often. A body that is not
 * the expected message is such a failure too: it is kept for a person, never acknowledged away.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export async function workOnEach<T>(
  event: SQSEvent,
  schema: z.ZodType<T>,
  work: (message: T, isRedelivery: boolean) => Promise<void>,
  log: Log,
): Promise<SQSBatchResponse> {
  const outcomes = await Promise.all(
    event.Records.map(async (record) => {
      try {
        await work(parseBody(record, schema), Number(record.attributes.ApproximateReceiveCount) > 1);
        return undefined;
      } catch (error) {
        log('error', 'message failed; it comes again', {
          messageId: record.messageId,
          ...errorFields(error),
        });
        return { itemIdentifier: record.messageId };
      }
    }),
  );
  return { batchItemFailures: outcomes.filter((failure) => failure !== undefined) };
}

/** The body is not the message that this queue carries. Its text is not quoted: it may hold anything. */
export class MalformedMessageError extends Error {
  override name = 'MalformedMessageError';
}

function parseBody<T>(record: SQSRecord, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(record.body);
  } catch (cause) {
    throw new MalformedMessageError('expected a JSON message', { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw new MalformedMessageError(`expected a message of this queue; wrong at: ${where}`);
}
