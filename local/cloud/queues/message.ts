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
  /** That of the last receive; earlier ones do nothing any more. */
  receiptHandle: string | undefined;
  state: 'visible' | 'delayed' | 'inFlight';
  /** While delayed or in flight. */
  visibleAtMs: number;
}

/** Where messages last. Nothing of it is asked while a queue runs. */
export interface MessageStore {
  insert(queueName: string, message: Message): void;
  /** What changes of it, and the queue that it is in. */
  update(queueName: string, message: Message): void;
  delete(message: Message): void;
}

export interface QueueCounts {
  visible: number;
  inflight: number;
  delayed: number;
}
