import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { VirtualQueue } from './virtual-queue.ts';
import type { World } from './world.ts';

/** A queue with the function that works on it. */
export interface Consumer {
  queue: VirtualQueue<object>;
  handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse>;
}

const VISIBILITY_SECONDS = 900;
const MAX_RECEIVES = 5;

/** The queue that every event of `sqsEvent` comes from. */
export const QUEUE_ARN = 'arn:aws:sqs:eu-central-1:000000000000:queue';

/** An SQS event as Lambda gives it, of these bodies. */
export function sqsEvent(
  bodies: readonly string[],
  messageIds: readonly string[] = [],
  receives = 1,
): SQSEvent {
  return {
    Records: bodies.map((body, at) => ({
      messageId: messageIds[at] ?? `message-${at + 1}`,
      receiptHandle: `receipt-${at + 1}`,
      body,
      attributes: {
        ApproximateReceiveCount: String(receives),
        SentTimestamp: '0',
        SenderId: 'sender',
        ApproximateFirstReceiveTimestamp: '0',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: QUEUE_ARN,
      awsRegion: 'eu-central-1',
    })),
  };
}

/** A Lambda context of which the handlers use the remaining time only. */
export function lambdaContext(world: World): Context {
  return { getRemainingTimeInMillis: () => world.remainingMs } as Context;
}

/**
 * Delivers messages one at a time, each when its time has come, moving the clock from one to the next, until nothing is left or `until`
 * holds. Messages that fail come back after the visibility time-out; those that failed too often are given back as dead.
 */
export async function deliverAll(
  world: World,
  consumers: readonly Consumer[],
  options: { maxDeliveries?: number; until?: () => boolean } = {},
): Promise<object[]> {
  const dead: object[] = [];
  for (let delivered = 0; options.until?.() !== true; delivered += 1) {
    const next = earliest(consumers);
    if (next === undefined) return dead;
    if (delivered >= (options.maxDeliveries ?? 200)) {
      throw new Error('expected the world to come to rest, and messages still go round');
    }
    world.clock.advanceTo(next.at);
    const [held] = next.consumer.queue.receive(1, VISIBILITY_SECONDS);
    if (held === undefined) continue;
    const event = sqsEvent([JSON.stringify(held.message)], [held.messageId], held.receives);
    const { batchItemFailures } = await next.consumer.handler(event, lambdaContext(world));
    if (batchItemFailures.length > 0 && held.receives < MAX_RECEIVES) continue;
    next.consumer.queue.remove(held.messageId);
    if (batchItemFailures.length > 0) dead.push(held.message);
  }
  return dead;
}

function earliest(consumers: readonly Consumer[]): { consumer: Consumer; at: string } | undefined {
  return consumers
    .flatMap((consumer) => {
      const at = consumer.queue.nextVisibleAt();
      return at === undefined ? [] : [{ consumer, at }];
    })
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))[0];
}
