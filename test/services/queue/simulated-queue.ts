import type { QueueCounts } from '../../../local/cloud/queues/message.ts';
import { DEFAULT_SETTINGS, Queue, type ReceivedMessage } from '../../../local/cloud/queues/queue.ts';
import type { SimulatedQueueOptions } from './options.ts';

/** The quota of queues that were made before August 2025, and the size of one invocation's event for Lambda. */
const MAX_MESSAGE_BYTES = 256 * 1024;

/** The local cloud's queue, where SQS leaves room taking the unkind choice. */
export class SimulatedQueue extends Queue {
  readonly #faults: SimulatedQueueOptions;
  /** Whether messages come in the order in which they were sent. */
  readonly order: { isFirstIn: boolean };

  constructor(options: SimulatedQueueOptions, deadLetters: Queue | undefined) {
    const { name, now, random, redrive, visibilityTimeoutSeconds = 30 } = options;
    let sent = 0;
    const order = { isFirstIn: false };
    super(
      {
        name,
        now,
        pick: (count) => (order.isFirstIn ? 0 : Math.floor(random() * count)),
        newMessageId() {
          sent += 1;
          return `${name}-${sent}`;
        },
        newReceiptHandle: ({ id, receiveCount }) => `${id}#${receiveCount}`,
      },
      {
        ...DEFAULT_SETTINGS,
        maxMessageBytes: MAX_MESSAGE_BYTES,
        visibilityTimeoutSeconds,
        redrive: deadLetters && redrive && { ...redrive, deadLetters },
      },
    );
    this.#faults = options;
    this.order = order;
  }

  override receive(max: number, visibilitySeconds?: number): ReceivedMessage[] {
    const received = super.receive(max, visibilitySeconds);
    for (const { receiptHandle } of visibilitySeconds === 0 ? [] : received) {
      if (this.#faults.isDeliveredTwice?.() === true) this.changeVisibility(receiptHandle, 0);
    }
    return received;
  }

  override counts(): QueueCounts {
    const exact = super.counts();
    return this.#faults.skewCounts?.(exact) ?? exact;
  }

  /** Which entries of a batch fail. */
  failedEntries(entries: number): ReadonlySet<number> {
    return new Set(this.#faults.failedEntries?.(entries) ?? []);
  }
}
