import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import {
  asCause,
  type DeadLetterBox,
  type DeadLetterQueue,
  type DeadLetterSink,
  type ReceivedDeadLetter,
} from '../recovery/dead-letters/dead-letter.ts';
import { defined } from '../shared/defined.ts';
import { type TraceHeader, withoutLineage } from '../shared/trace-header.ts';
import { traceAttribute } from './trace-attribute.ts';

/** SQS takes ten entries in a batch (Amazon SQS API Reference). */
const MAX_ENTRIES = 10;
/** All bodies of a batch together: below the 256 KiB of the older limit. */
const MAX_BATCH_BYTES = 240 * 1024;
/** A long poll asks every server of the queue, so an empty answer means that nothing is visible. */
const WAIT_SECONDS = 1;

const text = (value: string) => ({ DataType: 'String', StringValue: value });

/** Sends failed messages to the dead-letter queue of the queue that they came from, with the cause as message attributes. */
export function createDeadLetterSink(
  client: SQSClient,
  queues: readonly DeadLetterQueue[],
  traceHeader: TraceHeader,
): DeadLetterSink {
  const queueOf = (queueArn: string) => queues.find((queue) => queue.queueArn === queueArn);
  return {
    queueOf,
    async send(queueArn, body, note) {
      const queue = queueOf(queueArn);
      if (queue === undefined)
        throw new Error('expected a queue that this function was told of; see infra/constructs/grants.ts');
      await client.send(
        new SendMessageCommand({
          QueueUrl: queue.deadLetterUrl,
          MessageBody: body,
          ...defined({ MessageGroupId: note.groupId }),
          // The trace of the message, if it has one: a run may process messages of several traces.
          ...traceAttribute(withoutLineage(note.traceHeader) ?? traceHeader()),
          MessageAttributes: {
            stage: text(note.stage),
            cause: text(note.cause),
            failedAt: text(note.failedAt),
            receives: { DataType: 'Number', StringValue: String(note.receives) },
            messageId: text(note.messageId),
          },
        }),
      );
    },
  };
}

/** Receives dead letters and redrives them. */
export function createDeadLetterBox(
  client: SQSClient,
  queues: readonly DeadLetterQueue[],
  traceHeader: TraceHeader,
): DeadLetterBox {
  const queueOf = (stage: string): DeadLetterQueue => {
    const queue = queues.find((one) => one.stage === stage);
    if (queue === undefined)
      throw new Error('expected a stage that this function was told of; see infra/constructs/grants.ts');
    return queue;
  };
  return {
    stages: queues.map(({ stage }) => stage),
    async receive(stage, hiddenSeconds) {
      const { Messages: messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: queueOf(stage).deadLetterUrl,
          MaxNumberOfMessages: MAX_ENTRIES,
          VisibilityTimeout: hiddenSeconds,
          WaitTimeSeconds: WAIT_SECONDS,
          MessageSystemAttributeNames: ['SentTimestamp', 'MessageGroupId', 'AWSTraceHeader'],
          MessageAttributeNames: ['All'],
        }),
      );
      return messages.map(toLetter);
    },
    async release(stage, letters) {
      const QueueUrl = queueOf(stage).deadLetterUrl;
      await forEachBatch(letters, async (batch) => {
        const Entries = batch.map(({ receipt }, at) => ({
          Id: String(at),
          ReceiptHandle: receipt,
          VisibilityTimeout: 0,
        }));
        await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
      });
    },
    async redrive(stage, letters) {
      const QueueUrl = queueOf(stage).queueUrl;
      const sent: ReceivedDeadLetter[] = [];
      await forEachBatch(letters, async (batch) => {
        const Entries = batch.map(({ body, groupId, traceHeader: ownHeader }, at) => ({
          Id: String(at),
          MessageBody: body,
          ...defined({ MessageGroupId: groupId }),
          ...traceAttribute(ownHeader ?? traceHeader()),
        }));
        const answer = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
        const taken = new Set(answer.Successful?.map(({ Id }) => Id));
        sent.push(...batch.filter((_letter, at) => taken.has(String(at))));
      });
      return sent;
    },
    async remove(stage, letters) {
      const QueueUrl = queueOf(stage).deadLetterUrl;
      await forEachBatch(letters, async (batch) => {
        const Entries = batch.map(({ receipt }, at) => ({ Id: String(at), ReceiptHandle: receipt }));
        await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      });
    },
    async estimate(stage) {
      const { Attributes: counts = {} } = await client.send(
        new GetQueueAttributesCommand({
          QueueUrl: queueOf(stage).deadLetterUrl,
          AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
        }),
      );
      return (
        Number(counts.ApproximateNumberOfMessages ?? 0) +
        Number(counts.ApproximateNumberOfMessagesNotVisible ?? 0)
      );
    },
  };
}

function toLetter(message: Message): ReceivedDeadLetter {
  const attribute = (name: string) => message.MessageAttributes?.[name]?.StringValue;
  const failedAt = attribute('failedAt');
  const receives = attribute('receives');
  const groupId = message.Attributes?.MessageGroupId;
  const traceHeader = withoutLineage(message.Attributes?.AWSTraceHeader);
  return {
    messageId: attribute('messageId') ?? message.MessageId ?? '',
    receipt: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    cause: asCause(attribute('cause')),
    ...defined({ failedAt }),
    ...(receives === undefined ? {} : { receives: Number(receives) }),
    ...defined({ groupId, traceHeader }),
    sentAt: new Date(Number(message.Attributes?.SentTimestamp ?? 0)).toISOString(),
  };
}

/** One batch after the other, within the limits of SQS for entries and bytes. */
async function forEachBatch(
  letters: readonly ReceivedDeadLetter[],
  work: (batch: ReceivedDeadLetter[]) => Promise<void>,
): Promise<void> {
  let batch: ReceivedDeadLetter[] = [];
  let sizeBytes = 0;
  for (const letter of letters) {
    const bytes = Buffer.byteLength(letter.body);
    if (batch.length === MAX_ENTRIES || (batch.length > 0 && sizeBytes + bytes > MAX_BATCH_BYTES)) {
      await work(batch);
      batch = [];
      sizeBytes = 0;
    }
    batch.push(letter);
    sizeBytes += bytes;
  }
  if (batch.length > 0) await work(batch);
}
