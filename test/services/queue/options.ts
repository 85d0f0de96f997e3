/** A message as Lambda's event source mapping gets it (field names of `SQSRecord`, in part). */
export interface ReceivedMessage {
  messageId: string;
  receiptHandle: string;
  body: string;
  approximateReceiveCount: number;
  /** Milliseconds since 1970. */
  sentAtMs: number;
  messageAttributes: Readonly<Record<string, MessageAttribute>>;
  messageGroupId?: string;
  traceHeader?: string;
}

export interface MessageAttribute {
  DataType: string;
  StringValue?: string;
}

export interface QueueCounts {
  visible: number;
  notVisible: number;
  delayed: number;
}

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
  /** Which of the entries of a SendMessageBatch fail, by index. @default none */
  failedEntries?(entries: number): readonly number[];
  /** What ApproximateNumberOf… answers instead of the exact counts. */
  skewCounts?(exact: QueueCounts): QueueCounts;
  /** True and a message that is received stays visible: it is delivered at least once, and now twice. @default never */
  isDeliveredTwice?(): boolean;
}
