import { GetQueueAttributesCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { CountWaitingDrops } from '../ingest/watermark.ts';
import type { Queues } from '../series/messages.ts';
import type { TraceHeader } from '../shared/trace-header.ts';
import { traceAttribute } from './trace-attribute.ts';

export interface QueueUrls {
  completion?: string;
  compute?: string;
  results?: string;
  urgentCompute?: string;
  urgentResults?: string;
}

/**
 * A function has the URLs of those queues alone that it may send to; another one is a mistake in its wiring. A message of an
 * urgent series goes to the urgent queue of its stage.
 *
 * The source is the message group: a standard queue with groups is a fair one, which hands out the messages of a source with
 * few of them before those of one that keeps the consumers busy. It orders nothing and costs no throughput.
 * Source: Amazon SQS developer guide, "Amazon SQS fair queues". A source's name (63 plain characters) fits the 128 of a group.
 */
export function createQueues(client: SQSClient, urls: QueueUrls, traceHeader: TraceHeader): Queues {
  const send = async (name: keyof QueueUrls, message: { source: string }, delaySeconds: number) => {
    const url = urls[name];
    if (url === undefined)
      throw new Error(`expected this function to be given the ${name} queue; see infra/`);
    await client.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: JSON.stringify(message),
        MessageGroupId: message.source,
        DelaySeconds: delaySeconds,
        ...traceAttribute(traceHeader()),
      }),
    );
  };
  return {
    sendCompletion: (message, delaySeconds) => send('completion', message, delaySeconds),
    sendCompute: (message, delaySeconds) =>
      send(message.priority === 'urgent' ? 'urgentCompute' : 'compute', message, delaySeconds),
    sendResults: (message, delaySeconds) =>
      send(message.priority === 'urgent' ? 'urgentResults' : 'results', message, delaySeconds),
  };
}

/**
 * How many S3 events wait to be received. Those that a run works on are no backlog: a busy queue always has some. Approximate, as
 * SQS says; a wrong guess costs one more generation, never an instance.
 */
export function createWaitingDropsCounter(client: SQSClient, ingestQueueUrl: string): CountWaitingDrops {
  return async () => {
    const answer = await client.send(
      new GetQueueAttributesCommand({
        QueueUrl: ingestQueueUrl,
        AttributeNames: ['ApproximateNumberOfMessages'],
      }),
    );
    return Number(answer.Attributes?.ApproximateNumberOfMessages ?? 0);
  };
}
