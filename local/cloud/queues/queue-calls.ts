import { createHash } from 'node:crypto';
import type * as z from '../../../functions/shared/schema.ts';
import { ServiceError } from '../service-error.ts';
import { answerEach } from './batch.ts';
import { bytesOfMessage } from './message-limits.ts';
import type { Queue, ReceivedMessage } from './queue.ts';
import * as inputs from './queue-inputs.ts';

/** A call of SQS with a valid form. */
export interface QueueCall {
  queueUrl: string;
  /** Of a ReceiveMessage with a wait time. */
  waitSeconds?: number | undefined;
  /** Answers at once, without the wait. @throws ServiceError */
  answerOf(queue: Queue): object;
}

type ReceiveInput = z.infer<typeof inputs.receiveMessage>;

/** Members with the names of the API reference. */
const OPERATIONS = new Map([
  operation('SendMessage', inputs.sendMessage, send),
  operation('SendMessageBatch', inputs.sendMessageBatch, (queue, { Entries }) => {
    const bytes = Entries.map(({ MessageBody, MessageAttributes }) =>
      bytesOfMessage(MessageBody, MessageAttributes),
    );
    if (bytes.reduce((sum, each) => sum + each, 0) > queue.settings.maxMessageBytes) {
      throw new ServiceError('BatchRequestTooLong', 'The messages together are too long.');
    }
    return answerEach(Entries, (entry) => send(queue, entry));
  }),
  operation('ReceiveMessage', inputs.receiveMessage, (queue, input) => {
    const received = queue.receive(input.MaxNumberOfMessages, input.VisibilityTimeout);
    return received.length === 0 ? {} : { Messages: received.map((message) => toMessage(message, input)) };
  }),
  operation('DeleteMessage', inputs.deleteMessage, remove),
  operation('DeleteMessageBatch', inputs.deleteMessageBatch, (queue, { Entries }) =>
    answerEach(Entries, (entry) => remove(queue, entry)),
  ),
  operation('ChangeMessageVisibility', inputs.changeMessageVisibility, changeVisibility),
  operation('ChangeMessageVisibilityBatch', inputs.changeMessageVisibilityBatch, (queue, { Entries }) =>
    answerEach(Entries, (entry) => changeVisibility(queue, entry)),
  ),
  operation('GetQueueAttributes', inputs.getQueueAttributes, (queue, { AttributeNames }) => {
    const known = attributesOf(queue);
    const isUnknown = (name: string) => name !== 'All' && !Object.hasOwn(known, name);
    if (AttributeNames.some(isUnknown)) throw new ServiceError('InvalidAttributeName', 'Unknown Attribute.');
    return { Attributes: pick(known, AttributeNames) };
  }),
]);

/** @throws ServiceError for an unknown operation or input */
export function callOf(name: string, input: unknown): QueueCall {
  const call = OPERATIONS.get(name);
  if (call === undefined) throw new ServiceError('UnknownOperationException', 'expected a known operation');
  return call(input);
}

function operation<T extends { QueueUrl: string; WaitTimeSeconds?: number | undefined }>(
  name: string,
  schema: z.ZodMiniType<T>,
  answer: (queue: Queue, input: T) => object,
): [string, (input: unknown) => QueueCall] {
  return [
    name,
    (raw) => {
      const input = inputs.parse(schema, raw);
      return {
        queueUrl: input.QueueUrl,
        waitSeconds: input.WaitTimeSeconds,
        answerOf: (queue) => answer(queue, input),
      };
    },
  ];
}

function send(queue: Queue, input: Omit<z.infer<typeof inputs.sendMessage>, 'QueueUrl'>): object {
  const MessageId = queue.send(input.MessageBody, {
    delaySeconds: input.DelaySeconds,
    messageAttributes: input.MessageAttributes,
    messageGroupId: input.MessageGroupId,
    systemAttributes: input.MessageSystemAttributes,
  });
  return { MessageId, MD5OfMessageBody: md5(input.MessageBody) };
}

function remove(queue: Queue, { ReceiptHandle }: { ReceiptHandle: string }): object {
  queue.delete(ReceiptHandle);
  return {};
}

function changeVisibility(
  queue: Queue,
  { ReceiptHandle, VisibilityTimeout }: { ReceiptHandle: string; VisibilityTimeout: number },
): object {
  queue.changeVisibility(ReceiptHandle, VisibilityTimeout);
  return {};
}

function toMessage(
  message: ReceivedMessage,
  { MessageSystemAttributeNames, MessageAttributeNames }: ReceiveInput,
): object {
  const Attributes = pick(
    {
      ApproximateReceiveCount: String(message.receiveCount),
      ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs),
      SentTimestamp: String(message.sentAtMs),
      MessageGroupId: message.groupId,
      AWSTraceHeader: message.traceHeader,
    },
    MessageSystemAttributeNames,
  );
  const MessageAttributes = pick(message.attributes, MessageAttributeNames);
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: md5(message.body),
    ...(isEmpty(Attributes) ? {} : { Attributes }),
    ...(isEmpty(MessageAttributes) ? {} : { MessageAttributes }),
  };
}

function attributesOf(queue: Queue): Record<string, string | undefined> {
  const { visible, inflight, delayed } = queue.counts();
  const { settings } = queue;
  return {
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inflight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    VisibilityTimeout: String(settings.visibilityTimeoutSeconds),
    DelaySeconds: String(settings.delaySeconds),
    ReceiveMessageWaitTimeSeconds: String(settings.waitSeconds),
    MaximumMessageSize: String(settings.maxMessageBytes),
  };
}

/** The attributes that are requested by name, or by `All`, and have a value. */
function pick<T>(values: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  const isAsked = (name: string) => names.includes('All') || names.includes(name);
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => value !== undefined && isAsked(name)),
  );
}

function isEmpty(values: object): boolean {
  return Object.keys(values).length === 0;
}

/** The SDKs compare it with the sent and the received message. */
function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
