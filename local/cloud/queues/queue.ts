import { ServiceError } from '../service-error.ts';
import type { Message, MessageStore, QueueCounts } from './message.ts';
import { assertSendable, MAX_DELAY_SECONDS, type SendOptions } from './message-limits.ts';
import { VisibleMessages } from './visible-messages.ts';

export interface QueueSettings {
  visibilityTimeoutSeconds: number;
  /** The delay of a message without its own. */
  delaySeconds: number;
  /** The wait of a receive without its own. */
  waitSeconds: number;
  /** Of one message, and of all messages of one batch. */
  maxMessageBytes: number;
  /**
   * The target of messages that were received `maxReceiveCount` times and not deleted. Undefined: they are redelivered
   * without limit.
   */
  redrive: { deadLetters: Queue; maxReceiveCount: number } | undefined;
}

export interface QueueOptions {
  name: string;
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Which of `count` visible messages, or groups of them, comes next. @default the one that has waited for the longest
   * time
   */
  pick?(count: number): number;
  newMessageId(): string;
  newReceiptHandle(message: Message): string;
  /** @default messages are only in memory */
  store?: MessageStore;
  /** A message has become visible for another reason than time. */
  onVisible?(): void;
}

export type ReceivedMessage = Readonly<Message> & { readonly receiptHandle: string };

/** SQS's defaults (Amazon SQS API Reference, CreateQueue). */
export const DEFAULT_SETTINGS: QueueSettings = {
  visibilityTimeoutSeconds: 30,
  delaySeconds: 0,
  waitSeconds: 0,
  maxMessageBytes: 1024 * 1024,
  redrive: undefined,
};
/** Amazon SQS API Reference, ChangeMessageVisibility: twelve hours. */
const MAX_VISIBILITY_SECONDS = 43_200;

/**
 * One standard queue: any order, at least once, redrive after too many receives. No promise, timer or randomness of its
 * own.
 */
export class Queue {
  readonly name: string;
  settings: QueueSettings;
  readonly #options: QueueOptions;
  readonly #messages = new Map<string, Message>();
  readonly #visible: VisibleMessages;
  /** Delayed or in flight, ordered by the time of becoming visible. */
  readonly #waiting: Message[] = [];

  constructor(options: QueueOptions, settings: QueueSettings = DEFAULT_SETTINGS) {
    this.name = options.name;
    this.settings = settings;
    this.#options = options;
    this.#visible = new VisibleMessages(options.pick ?? (() => 0));
  }

  /** @returns the message id. @throws ServiceError for a message that SQS refuses */
  send(body: string, options: SendOptions = {}): string {
    assertSendable(body, options, this.settings.maxMessageBytes);
    const { delaySeconds = this.settings.delaySeconds, messageAttributes = {}, messageGroupId } = options;
    const nowMs = this.#options.now();
    const visibleAtMs = nowMs + delaySeconds * 1000;
    const message: Message = {
      id: this.#options.newMessageId(),
      body,
      attributes: Object.freeze({ ...messageAttributes }),
      groupId: messageGroupId,
      traceHeader: options.systemAttributes?.['AWSTraceHeader']?.StringValue,
      sentAtMs: nowMs,
      receiveCount: 0,
      firstReceivedAtMs: undefined,
      receiptHandle: undefined,
      state: visibleAtMs > nowMs ? 'delayed' : 'visible',
      visibleAtMs,
    };
    this.#options.store?.insert(this.name, message);
    this.restore(message);
    return message.id;
  }

  /** Adds a message from the store or another queue. */
  restore(message: Message): void {
    this.#messages.set(message.id, message);
    if (message.state === 'visible') this.#show(message);
    else this.#hide(message, message.state, message.visibleAtMs);
  }

  /**
   * Up to `max` of the visible messages, invisible to others for `visibilitySeconds`. A message received too often before goes to
   * the dead-letter queue now instead (that is when SQS moves it).
   */
  receive(max: number, visibilitySeconds = this.settings.visibilityTimeoutSeconds): ReceivedMessage[] {
    assertVisibility(visibilitySeconds);
    const nowMs = this.#options.now();
    this.#release(nowMs);
    // The watermark of the ingest queue is the oldest new event of a batch.
    if (max > 1) this.#visible.putOldestFirst();
    const taken: Message[] = [];
    while (taken.length < max) {
      const message = this.#visible.take();
      if (message === undefined) break;
      if (!this.#moveWhenDead(message)) taken.push(message);
    }
    const received = taken.map((message) => {
      message.receiveCount += 1;
      message.firstReceivedAtMs ??= nowMs;
      const receiptHandle = this.#options.newReceiptHandle(message);
      message.receiptHandle = receiptHandle;
      if (visibilitySeconds === 0) this.#show(message);
      else this.#hide(message, 'inFlight', nowMs + visibilitySeconds * 1000);
      return { ...message, receiptHandle };
    });
    for (const message of taken) this.#options.store?.update(this.name, message);
    return received;
  }

  /**
   * Does nothing if the message is deleted, or was received again since. @throws ServiceError ReceiptHandleIsInvalid
   */
  delete(receiptHandle: string): void {
    const message = this.#find(receiptHandle);
    if (message === undefined) return;
    this.#options.store?.delete(message);
    this.#leave(message);
    this.#messages.delete(message.id);
  }

  /** @throws ServiceError MessageNotInflight when its visibility is over, ReceiptHandleIsInvalid, or for a bad time */
  changeVisibility(receiptHandle: string, seconds: number): void {
    assertVisibility(seconds);
    const nowMs = this.#options.now();
    this.#release(nowMs);
    const message = this.#find(receiptHandle);
    if (message?.state !== 'inFlight')
      throw new ServiceError('MessageNotInflight', 'The message is not in flight.');
    this.#leave(message);
    if (seconds > 0) this.#hide(message, 'inFlight', nowMs + seconds * 1000);
    else this.#show(message);
    this.#options.store?.update(this.name, message);
  }

  /** Now if a message is visible, otherwise the time of the next one; undefined if there is none. */
  nextVisibleAt(): number | undefined {
    const nowMs = this.#options.now();
    this.#release(nowMs);
    return this.#visible.size > 0 ? nowMs : this.#waiting[0]?.visibleAtMs;
  }

  /** Exact. */
  counts(): QueueCounts {
    this.#release(this.#options.now());
    const inflight = this.#waiting.filter(({ state }) => state === 'inFlight').length;
    return { visible: this.#visible.size, inflight, delayed: this.#waiting.length - inflight };
  }

  /** All messages, in any state. */
  messages(): Readonly<Message>[] {
    return [...this.#messages.values()];
  }

  /** Its id, its attributes and its receives stay: SQS counts these "across all queues" (ReceiveMessage). */
  #moveWhenDead(message: Message): boolean {
    const { redrive } = this.settings;
    if (redrive === undefined || message.receiveCount < redrive.maxReceiveCount) return false;
    this.#options.store?.update(redrive.deadLetters.name, message);
    this.#messages.delete(message.id);
    redrive.deadLetters.restore(message);
    return true;
  }

  #find(receiptHandle: string): Message | undefined {
    const id = /^(.+)#[^#]+$/.exec(receiptHandle)?.[1];
    if (id === undefined) {
      throw new ServiceError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.', 404);
    }
    const message = this.#messages.get(id);
    return message?.receiptHandle === receiptHandle ? message : undefined;
  }

  #show(message: Message): void {
    message.state = 'visible';
    this.#visible.add(message);
    this.#options.onVisible?.();
  }

  #hide(message: Message, state: 'delayed' | 'inFlight', untilMs: number): void {
    message.state = state;
    message.visibleAtMs = untilMs;
    let [low, high] = [0, this.#waiting.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#waiting[middle]?.visibleAtMs ?? 0) <= untilMs) low = middle + 1;
      else high = middle;
    }
    this.#waiting.splice(low, 0, message);
  }

  #leave(message: Message): void {
    if (message.state === 'visible') this.#visible.remove(message);
    else this.#waiting.splice(this.#waiting.indexOf(message), 1);
  }

  /** Makes due messages visible, and those that are delayed for longer than SQS delays: the clock was set back since. */
  #release(nowMs: number): void {
    const within = this.#waiting.findLastIndex(
      ({ visibleAtMs }) => visibleAtMs <= nowMs + MAX_DELAY_SECONDS * 1000,
    );
    for (const message of this.#waiting.slice(within + 1).filter(({ state }) => state === 'delayed')) {
      this.#leave(message);
      this.#show(message);
    }
    const stillWaits = this.#waiting.findIndex(({ visibleAtMs }) => visibleAtMs > nowMs);
    const ready = this.#waiting.splice(0, stillWaits < 0 ? this.#waiting.length : stillWaits);
    for (const message of ready) this.#show(message);
  }
}

function assertVisibility(seconds: number): void {
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= MAX_VISIBILITY_SECONDS) return;
  throw new ServiceError(
    'InvalidParameterValue',
    `VisibilityTimeout: expected 0 to ${MAX_VISIBILITY_SECONDS}`,
  );
}
