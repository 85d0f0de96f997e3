import {
  BatchRequestTooLong,
  type SendMessageBatchCommandInput,
  type SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs';
import { assertKnownInput } from '../command.ts';
import { answerEach, assertBatch } from './batch-entries.ts';
import { bytesOfMessage, MAX_MESSAGE_BYTES } from './message-limits.ts';
import type { MessageAttribute } from './options.ts';
import type { SimulatedQueue } from './simulated-queue.ts';

const BATCH_INPUT = new Set(['QueueUrl', 'Entries']);
const ENTRY_INPUT = new Set([
  'Id',
  'MessageBody',
  'DelaySeconds',
  'MessageAttributes',
  'MessageGroupId',
  'MessageSystemAttributes',
]);

/** Each entry succeeds or fails by itself; the whole call fails only when its form is wrong. */
export function sendBatch(queue: SimulatedQueue, input: SendMessageBatchCommandInput) {
  assertKnownInput('SendMessageBatch', input, BATCH_INPUT);
  const entries = input.Entries ?? [];
  assertBatch(entries);
  const bytes = entries.map((entry) => bytesOfMessage(entry.MessageBody ?? '', attributesOf(entry)));
  if (bytes.reduce((sum, each) => sum + each, 0) > MAX_MESSAGE_BYTES) {
    throw new BatchRequestTooLong({ message: 'batch too long', $metadata: { httpStatusCode: 400 } });
  }
  return answerEach(queue, entries, (entry) => ({ MessageId: send(queue, entry) }));
}

function send(queue: SimulatedQueue, entry: SendMessageBatchRequestEntry): string {
  assertKnownInput('SendMessageBatch', entry, ENTRY_INPUT);
  return queue.send(entry.MessageBody ?? '', {
    delaySeconds: entry.DelaySeconds,
    messageAttributes: attributesOf(entry),
    messageGroupId: entry.MessageGroupId,
    systemAttributes: entry.MessageSystemAttributes as Record<string, MessageAttribute> | undefined,
  });
}

function attributesOf(entry: SendMessageBatchRequestEntry): Record<string, MessageAttribute> | undefined {
  return entry.MessageAttributes as Record<string, MessageAttribute> | undefined;
}
