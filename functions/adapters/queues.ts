import { GetQueueAttributesCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { CountWaitingDrops, Queues } from '../core/ports.ts';

export interface QueueUrls {
  completion?: string;
  compute?: string;
  results?: string;
}

/** A function has the URLs of those queues alone that it may send to; another one is a mistake in its wiring. */
export function createQueues(client: SQSClient, urls: QueueUrls): Queues {
  const send = async (name: keyof QueueUrls, message: object, delaySeconds: number) => {
    const url = urls[name];
    if (url === undefined)
      throw new Error(`expected this function to be given the ${name} queue; see infra/`);
    await client.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: JSON.stringify(message),
        DelaySeconds: delaySeconds,
      }),
    );
  };
  return {
    sendCompletion: (message, delaySeconds) => send('completion', message, delaySeconds),
    sendCompute: (message, delaySeconds) => send('compute', message, delaySeconds),
    sendResults: (message, delaySeconds) => send('results', message, delaySeconds),
  };
}

/**
 * How many S3 events wait to be indexed, those being worked on included. Approximate, as SQS says; a wrong guess
 * costs one more generation, never an instance.
 */
export function createWaitingDropsCounter(client: SQSClient, ingestQueueUrl: string): CountWaitingDrops {
  return async () => {
    const answer = await client.send(
      new GetQueueAttributesCommand({
        QueueUrl: ingestQueueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible } = answer.Attributes ?? {};
    return Number(ApproximateNumberOfMessages ?? 0) + Number(ApproximateNumberOfMessagesNotVisible ?? 0);
  };
}
