import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { SimulatedQueue } from '../../services/queue/simulated-queue.ts';
import type { World } from './world.ts';
import { QUEUE_ARN } from './world-queues.ts';

/** A queue with the function that works on it. */
export interface Consumer {
  queue: SimulatedQueue;
  handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse>;
}

const VISIBILITY_SECONDS = 900;
const MAX_RECEIVES = 5;

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
): Promise<string[]> {
  const dead: string[] = [];
  for (let delivered = 0; options.until?.() !== true; delivered += 1) {
    const next = earliest(consumers);
    if (next === undefined) return dead;
    if (delivered >= (options.maxDeliveries ?? 200)) {
      throw new Error('expected the world to come to rest, and messages still go round');
    }
    world.clock.advanceTo(new Date(next.atMs).toISOString());
    const { queue, handler } = next.consumer;
    const [message] = queue.receive(1, VISIBILITY_SECONDS);
    if (message === undefined) continue;
    const { body, id, receiptHandle, receiveCount: receives } = message;
    const { batchItemFailures } = await handler(sqsEvent([body], [id], receives), lambdaContext(world));
    if (batchItemFailures.length > 0 && receives < MAX_RECEIVES) continue;
    queue.delete(receiptHandle);
    if (batchItemFailures.length > 0) dead.push(body);
  }
  return dead;
}

function earliest(consumers: readonly Consumer[]): { consumer: Consumer; atMs: number } | undefined {
  return consumers
    .flatMap((consumer) => {
      const atMs = consumer.queue.nextVisibleAt();
      return atMs === undefined ? [] : [{ consumer, atMs }];
    })
    .sort((a, b) => a.atMs - b.atMs)[0];
}
