import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { causeOf, type DeadLetterCause } from '../../shared/dead-letter-cause.ts';
import { errorFields } from '../../shared/log.ts';
import type * as z from '../../shared/schema.ts';
import { answerFailures, type BatchDeps } from './batch-failures.ts';
import { fieldsOfBody } from './fields-of-body.ts';

/**
 * Works on each record of a batch and answers which ones failed, see `answerFailures`. A body that is not the expected
 * message is such a failure too: it is kept for a person, never acknowledged away.
 */
export async function workOnEach<T>(
  event: SQSEvent,
  schema: z.ZodMiniType<T>,
  work: (message: T) => Promise<void>,
  deps: BatchDeps,
): Promise<SQSBatchResponse> {
  const failures = new Map<string, DeadLetterCause>();
  await Promise.all(
    event.Records.map(async (record) => {
      try {
        await work(parseBody(record, schema));
      } catch (error) {
        const cause = causeOf(error);
        failures.set(record.messageId, cause);
        deps.log('error', 'message failed; it comes again', {
          ...fieldsOfBody(record.body),
          messageId: record.messageId,
          cause,
          ...errorFields(error),
        });
      }
    }),
  );
  return answerFailures(event, failures, deps);
}

/** The body is not the message that this queue carries. Its text is not quoted: it may hold anything. */
export class MalformedMessageError extends Error {
  override name = 'MalformedMessageError';
}

function parseBody<T>(record: SQSRecord, schema: z.ZodMiniType<T>): T {
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
