import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { DeadLetterSink } from '../../recovery/dead-letters/dead-letter.ts';
import { type DeadLetterCause, isForDeadLetters } from '../../shared/dead-letter-cause.ts';
import { defined } from '../../shared/defined.ts';
import type { Log } from '../../shared/log.ts';
import { errorFields } from '../../shared/log.ts';
import type { Meter } from '../../shared/metrics.ts';
import type { Clock } from '../../shared/time.ts';
import { fieldsOfBody } from './fields-of-body.ts';

export interface BatchDeps {
  deadLetters: DeadLetterSink;
  clock: Clock;
  log: Log;
  meter: Meter;
}

/**
 * The response for a batch with failed messages, by message id. SQS keeps those and delivers them again after the visibility
 * timeout. A message that SQS would move to the dead-letter queue after this receive, or that can never succeed, is sent there
 * now, with its cause. A crash between the sending and the acknowledgement sends it twice at worst.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export async function answerFailures(
  event: SQSEvent,
  failures: ReadonlyMap<string, DeadLetterCause>,
  deps: BatchDeps,
): Promise<SQSBatchResponse> {
  const failed = event.Records.flatMap((record) => {
    const cause = failures.get(record.messageId);
    return cause === undefined ? [] : [{ record, cause }];
  });
  const again = await Promise.all(
    failed.map(async ({ record, cause }) =>
      (await moveToDeadLetters(record, cause, deps)) ? [] : [{ itemIdentifier: record.messageId }],
    ),
  );
  return { batchItemFailures: again.flat() };
}

/** `false`: the message stays in its queue; if this was its last receive, SQS moves it without its cause. */
async function moveToDeadLetters(
  record: SQSRecord,
  cause: DeadLetterCause,
  deps: BatchDeps,
): Promise<boolean> {
  const queue = deps.deadLetters.queueOf(record.eventSourceARN);
  const receives = Number(record.attributes.ApproximateReceiveCount);
  if (queue === undefined || !isForDeadLetters(cause, receives, queue.maxReceives)) return false;
  const { messageId } = record;
  const { MessageGroupId: groupId, AWSTraceHeader: traceHeader } = record.attributes;
  const { stage } = queue;
  try {
    const failedAt = deps.clock().toISOString();
    await deps.deadLetters.send(record.eventSourceARN, record.body, {
      stage,
      cause,
      failedAt,
      receives,
      messageId,
      ...defined({ groupId, traceHeader }),
    });
    deps.meter('DeadLetters', 1, { stage, cause });
    deps.log('error', 'message moved to the dead letters', {
      ...fieldsOfBody(record.body),
      messageId,
      stage,
      cause,
      receives,
    });
    return true;
  } catch (error) {
    deps.log('error', 'message could not be sent to the dead letters', {
      ...fieldsOfBody(record.body),
      messageId,
      stage,
      ...errorFields(error),
    });
    return false;
  }
}
