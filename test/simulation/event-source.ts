import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { ReceivedMessage } from '../../local/cloud/queues/queue.ts';
import type { SimulatedQueue } from '../services/queue/simulated-queue.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { SimulatedFunction } from './simulated-function.ts';

export interface EventSourceSettings {
  queue: SimulatedQueue;
  queueArn: string;
  consumer: SimulatedFunction<SQSEvent, SQSBatchResponse>;
  batchSize: number;
  maxConcurrency: number;
  visibilitySeconds: number;
}

export interface DeliveryWorld {
  scheduler: Scheduler;
  plan: FaultPlan;
  random: Random;
  /** Has a queue deliver the message that it gives next once more. */
  repeatNext(): void;
}

/** Of the ingest: longer than every quiet period, and shorter than `maxWaitSeconds`. */
const STOP_MS = 600_000;

/**
 * Lambda's event source mapping: takes messages in batches, so many at once, and deletes those that were worked on. What failed, or
 * died, comes back when its visibility time-out is over.
 */
export class EventSource {
  readonly #settings: EventSourceSettings;
  readonly #world: DeliveryWorld;
  #active = 0;
  #wakesAtMs = Number.POSITIVE_INFINITY;
  #stoppedUntilMs = 0;

  constructor(settings: EventSourceSettings, world: DeliveryWorld) {
    this.#settings = settings;
    this.#world = world;
  }

  get isAtRest(): boolean {
    return this.#active === 0 && this.#settings.queue.nextVisibleAt() === undefined;
  }

  /** To be called whenever a message may have become visible. */
  wake(): void {
    const { queue, maxConcurrency } = this.#settings;
    const { scheduler, random } = this.#world;
    if (this.#active >= maxConcurrency) return;
    const visibleAtMs = queue.nextVisibleAt();
    if (visibleAtMs === undefined) return;
    const atMs = Math.max(visibleAtMs, scheduler.nowMs(), this.#stoppedUntilMs) + random.between(0, 1_000);
    if (atMs >= this.#wakesAtMs && this.#wakesAtMs >= scheduler.nowMs()) return;
    this.#wakesAtMs = atMs;
    scheduler.planAt(atMs, () => {
      if (this.#wakesAtMs === atMs) this.#wakesAtMs = Number.POSITIVE_INFINITY;
      this.#poll();
    });
  }

  #poll(): void {
    const { queue, consumer, batchSize, maxConcurrency, visibilitySeconds } = this.#settings;
    const { plan, random } = this.#world;
    const { stage } = consumer;
    const isStopped = this.#isStopped();
    while (!isStopped && this.#active < maxConcurrency) {
      const visibleAtMs = queue.nextVisibleAt();
      if (visibleAtMs === undefined || visibleAtMs > this.#world.scheduler.nowMs()) break;
      if (plan.ofDelivery(stage, 'repeated_delivery')) this.#world.repeatNext();
      const size = random.isOneIn(3) ? batchSize : random.between(1, batchSize);
      const messages = queue.receive(size, visibilitySeconds);
      if (messages.length === 0) break;
      // Kept back, or nobody there to take them: they come again when the time-out is over.
      if (plan.ofDelivery(stage, 'late_delivery') || plan.ofDelivery(stage, 'not_invoked')) continue;
      void this.#work(messages);
    }
    this.wake();
  }

  /** A backlog builds up; half of the time it is given out in order. */
  #isStopped(): boolean {
    const { queue, consumer } = this.#settings;
    const { plan, random, scheduler } = this.#world;
    if (scheduler.nowMs() < this.#stoppedUntilMs) return true;
    if (!plan.ofDelivery(consumer.stage, 'stopped_ingest')) return false;
    this.#stoppedUntilMs = scheduler.nowMs() + STOP_MS;
    queue.order.isFirstIn = random.isOneIn(2);
    return true;
  }

  async #work(messages: readonly ReceivedMessage[]): Promise<void> {
    const { queue, consumer, queueArn } = this.#settings;
    this.#active += 1;
    const invocation = await consumer.invoke({ Records: messages.map((one) => toRecord(one, queueArn)) });
    this.#active -= 1;
    if (invocation.kind === 'answered') {
      const failed = new Set(invocation.result.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      const isLost = this.#world.plan.ofDelivery(consumer.stage, 'lost_ack');
      for (const { id, receiptHandle } of messages) {
        if (!failed.has(id) && !isLost) queue.delete(receiptHandle);
      }
    }
    this.wake();
  }
}

function toRecord(message: ReceivedMessage, eventSourceARN: string): SQSRecord {
  return {
    messageId: message.id,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      ...(message.traceHeader === undefined ? {} : { AWSTraceHeader: message.traceHeader }),
      SentTimestamp: String(message.sentAtMs),
      SenderId: 'sender',
      ApproximateFirstReceiveTimestamp: String(message.sentAtMs),
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion: 'eu-central-1',
  };
}
