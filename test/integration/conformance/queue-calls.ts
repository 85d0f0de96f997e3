import {
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { eventually, type QueueWorld, failureOf as sdkFailureOf } from './world.ts';

type Sqs = Pick<QueueWorld, 'sqs'>;

/** Longer than any test takes. */
export const FOR_LONG = 900;

/** The name of the error without the namespace that only some answers carry. */
export const failureOf = async (call: Promise<unknown>) =>
  (await sdkFailureOf(call)).replace('AWS.SimpleQueueService.', '');

export const send = (world: Sqs, QueueUrl: string, more: Partial<SendMessageCommandInput> = {}) =>
  world.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'body', ...more }));

export async function receive(
  world: Sqs,
  QueueUrl: string,
  VisibilityTimeout = FOR_LONG,
): Promise<Message[]> {
  const answer = await world.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout,
      MessageSystemAttributeNames: [
        'ApproximateReceiveCount',
        'SentTimestamp',
        'MessageGroupId',
        'AWSTraceHeader',
      ],
      MessageAttributeNames: ['All'],
    }),
  );
  return answer.Messages ?? [];
}

export const next = (world: QueueWorld, url: string, visibilitySeconds = FOR_LONG) =>
  eventually(world, async () => (await receive(world, url, visibilitySeconds))[0]);

export async function counts(world: Sqs, QueueUrl: string): Promise<string> {
  const { Attributes = {} } = await world.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ],
    }),
  );
  const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: hidden } = Attributes;
  return `${visible} visible, ${hidden} hidden, ${Attributes['ApproximateNumberOfMessagesDelayed']} delayed`;
}

export const handleOf = (message: Message) => message.ReceiptHandle ?? '';
