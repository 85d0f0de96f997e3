export interface MessageAttribute {
  DataType: string;
  StringValue?: string | undefined;
}

/** A message of a standard queue. Times are milliseconds since 1970. */
export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  readonly groupId: string | undefined;
  readonly traceHeader: string | undefined;
  readonly sentAtMs: number;
  receiveCount: number;
  firstReceivedAtMs: number | undefined;
  /** The receipt of the last receive; earlier ones have no effect. */
  receiptHandle: string | undefined;
  state: 'visible' | 'delayed' | 'inFlight';
  /** While delayed or in flight. */
  visibleAtMs: number;
}

/** The durable store of messages. A running queue only writes to it. */
export interface MessageStore {
  insert(queueName: string, message: Message): void;
  /** The mutable part of the message, and its queue. */
  update(queueName: string, message: Message): void;
  delete(message: Message): void;
}

export interface QueueCounts {
  visible: number;
  inflight: number;
  delayed: number;
}
