import type { QueueCounts } from '../../../local/cloud/queues/message.ts';

export interface SimulatedQueueOptions {
  name: string;
  /** Milliseconds since 1970. */
  now(): number;
  /** Makes ReceiveMessage take any of the visible messages. 0 included, 1 excluded. */
  random(): number;
  /** @default 30, as SQS does */
  visibilityTimeoutSeconds?: number;
  /** Where messages go that were received `maxReceiveCount` times and not deleted. @default they come again for ever */
  redrive?: { deadLetterQueue: string; maxReceiveCount: number };
  /** Which of the entries of a batch fail, by index. @default none */
  failedEntries?(entries: number): readonly number[];
  /** What ApproximateNumberOf… answers instead of the exact counts. */
  skewCounts?(exact: QueueCounts): QueueCounts;
  /** True and a message that is received stays visible: it is delivered at least once, and now twice. @default never */
  isDeliveredTwice?(): boolean;
}
