import type {
  ChangeMessageVisibilityBatchCommandInput,
  DeleteMessageBatchCommandInput,
} from '@aws-sdk/client-sqs';
import { assertKnownInput } from '../command.ts';
import { answerEach, assertBatch } from './batch-entries.ts';
import type { SimulatedQueue } from './simulated-queue.ts';

const BATCH_INPUT = new Set(['QueueUrl', 'Entries']);

export function deleteBatch(queue: SimulatedQueue, input: DeleteMessageBatchCommandInput) {
  assertKnownInput('DeleteMessageBatch', input, BATCH_INPUT);
  const entries = input.Entries ?? [];
  assertBatch(entries);
  return answerEach(queue, entries, ({ ReceiptHandle = '' }) => {
    queue.delete(ReceiptHandle);
    return {};
  });
}

export function changeVisibilityBatch(
  queue: SimulatedQueue,
  input: ChangeMessageVisibilityBatchCommandInput,
) {
  assertKnownInput('ChangeMessageVisibilityBatch', input, BATCH_INPUT);
  const entries = input.Entries ?? [];
  assertBatch(entries);
  return answerEach(queue, entries, ({ ReceiptHandle = '', VisibilityTimeout = -1 }) => {
    queue.changeVisibility(ReceiptHandle, VisibilityTimeout);
    return {};
  });
}
