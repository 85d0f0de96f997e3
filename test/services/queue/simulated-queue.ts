import { MessageNotInflight, ReceiptHandleIsInvalid } from '@aws-sdk/client-sqs';
import { sqsError } from '../service-errors.ts';
import { assertSendable, type SendOptions } from './message-limits.ts';
import type { MessageAttribute, QueueCounts, ReceivedMessage, SimulatedQueueOptions } from './options.ts';
import { VisibleMessages } from './visible-messages.ts';
import { WaitingMessages } from './waiting-messages.ts';

interface Message {
  id: string;
  body: string;
  attributes: Readonly<Record<string, MessageAttribute>>;
  groupId: string | undefined;
  traceHeader: string | undefined;
  sentAtMs: number;
  receiveCount: number;
  /** That of the last receive; earlier ones do nothing any more. */
  receiptHandle: string | undefined;
  state: 'visible' | 'delayed' | 'inFlight';
  /** While delayed or in flight. */
  visibleAtMs: number;
}

/** Amazon SQS API Reference, ChangeMessageVisibility: twelve hours. */
const MAX_VISIBILITY_SECONDS = 43_200;

/** One standard queue: any order, at least once, redrive after too many receives. */
export class SimulatedQueue {
  readonly name: string;
  readonly #options: SimulatedQueueOptions;
  readonly #deadLetters: SimulatedQueue | undefined;
  readonly #messages = new Map<string, Message>();
  readonly #visible = new VisibleMessages<Message>();
  readonly #waiting = new WaitingMessages<Message>();
  #delayed = 0;
  #inFlight = 0;
  #sent = 0;

  constructor(options: SimulatedQueueOptions, deadLetters: SimulatedQueue | undefined) {
    this.name = options.name;
    this.#options = options;
    this.#deadLetters = deadLetters;
  }

  /** @returns the message id. @throws SQSServiceException for a delay or a size that SQS does not take */
  send(body: string, options: SendOptions = {}): string {
    assertSendable(body, options);
    const { delaySeconds = 0, messageAttributes = {}, messageGroupId } = options;
    this.#sent += 1;
    const nowMs = this.#options.now();
    const message: Message = {
      id: `${this.name}-${this.#sent}`,
      body,
      attributes: Object.freeze({ ...messageAttributes }),
      groupId: messageGroupId,
      traceHeader: options.systemAttributes?.['AWSTraceHeader']?.StringValue,
      sentAtMs: nowMs,
      receiveCount: 0,
      receiptHandle: undefined,
      state: 'visible',
      visibleAtMs: nowMs,
    };
    this.#messages.set(message.id, message);
    if (delaySeconds === 0) this.#visible.add(message);
    else this.#wait(message, 'delayed', nowMs + delaySeconds * 1000);
    return message.id;
  }

  /**
   * Up to `max` of the visible messages, any of them, invisible to others for `visibilityMs`. A message received
   * too often before goes to the dead-letter queue now instead (that is when SQS moves it).
   */
  receive(
    max: number,
    visibilityMs = this.visibilityTimeoutMs,
    random = this.#options.random,
  ): ReceivedMessage[] {
    const nowMs = this.#options.now();
    this.#release(nowMs);
    const received: ReceivedMessage[] = [];
    const stillVisible: Message[] = [];
    while (received.length < max) {
      const message = this.#visible.take(random);
      if (message === undefined) break;
      if (this.#isDead(message)) {
        this.#messages.delete(message.id);
        this.#deadLetters?.take(message);
        continue;
      }
      message.receiveCount += 1;
      message.receiptHandle = `${message.id}#${message.receiveCount}`;
      if (visibilityMs <= 0 || this.#options.isDeliveredTwice?.() === true) stillVisible.push(message);
      else this.#wait(message, 'inFlight', nowMs + visibilityMs);
      received.push(receivedOf(message, message.receiptHandle));
    }
    for (const message of stillVisible) this.#visible.add(message);
    return received;
  }

  /** Does nothing when the message is gone, or was received again since. @throws ReceiptHandleIsInvalid */
  delete(receiptHandle: string): void {
    const message = this.#find(receiptHandle);
    if (message === undefined) return;
    this.#visible.remove(message);
    this.#leave(message);
    this.#messages.delete(message.id);
  }

  /** @throws MessageNotInflight when its visibility is over, ReceiptHandleIsInvalid, SQSServiceException for a bad time */
  changeVisibility(receiptHandle: string, seconds: number): void {
    if (!Number.isInteger(seconds) || seconds < 0 || seconds > MAX_VISIBILITY_SECONDS) {
      throw sqsError('InvalidParameterValue', `VisibilityTimeout: expected 0 to ${MAX_VISIBILITY_SECONDS}`);
    }
    const nowMs = this.#options.now();
    this.#release(nowMs);
    const message = this.#find(receiptHandle);
    if (message?.state !== 'inFlight') {
      throw new MessageNotInflight({ message: 'MessageNotInflight', $metadata: { httpStatusCode: 400 } });
    }
    this.#leave(message);
    if (seconds > 0) this.#wait(message, 'inFlight', nowMs + seconds * 1000);
    else this.#visible.add(message);
  }

  /** Now when a message is visible, else when the next one will be; undefined when there is none at all. */
  nextVisibleAt(): number | undefined {
    const nowMs = this.#options.now();
    this.#release(nowMs);
    return this.#visible.size > 0 ? nowMs : this.#waiting.first()?.atMs;
  }

  /** Exact. */
  counts(): QueueCounts {
    this.#release(this.#options.now());
    return { visible: this.#visible.size, notVisible: this.#inFlight, delayed: this.#delayed };
  }

  /** What the Approximate… attributes tell. */
  approximateCounts(): QueueCounts {
    const exact = this.counts();
    return this.#options.skewCounts?.(exact) ?? exact;
  }

  /** All messages, in whatever state, for invariants. */
  messages(): { messageId: string; body: string; approximateReceiveCount: number }[] {
    return Array.from(this.#messages.values(), ({ id, body, receiveCount }) => ({
      messageId: id,
      body,
      approximateReceiveCount: receiveCount,
    }));
  }

  get visibilityTimeoutMs(): number {
    return (this.#options.visibilityTimeoutSeconds ?? 30) * 1000;
  }

  /** Which entries of a batch fail. */
  failedEntries(entries: number): ReadonlySet<number> {
    return new Set(this.#options.failedEntries?.(entries) ?? []);
  }

  /** From another queue, with its id, body and attributes as they are; it has not been received here yet. */
  take(message: Message): void {
    const dead = { ...message, receiveCount: 0, receiptHandle: undefined, state: 'visible' as const };
    this.#messages.set(dead.id, dead);
    this.#visible.add(dead);
  }

  #isDead({ receiveCount }: Message): boolean {
    const { redrive } = this.#options;
    return redrive !== undefined && receiveCount >= redrive.maxReceiveCount;
  }

  #find(receiptHandle: string): Message | undefined {
    const parts = /^(.+)#\d+$/.exec(receiptHandle);
    if (parts === null) {
      throw new ReceiptHandleIsInvalid({
        message: 'The input receipt handle is invalid.',
        $metadata: { httpStatusCode: 404 },
      });
    }
    const message = this.#messages.get(parts[1] ?? '');
    return message?.receiptHandle === receiptHandle ? message : undefined;
  }

  #wait(message: Message, state: 'delayed' | 'inFlight', untilMs: number): void {
    message.state = state;
    message.visibleAtMs = untilMs;
    if (state === 'delayed') this.#delayed += 1;
    else this.#inFlight += 1;
    this.#waiting.add(untilMs, message);
  }

  #leave(message: Message): void {
    if (message.state === 'delayed') this.#delayed -= 1;
    if (message.state === 'inFlight') this.#inFlight -= 1;
    message.state = 'visible';
  }

  /** Makes visible whose time has come, and forgets waits that something else has ended. */
  #release(nowMs: number): void {
    for (;;) {
      const first = this.#waiting.first();
      if (first === undefined) return;
      const { atMs, item: message } = first;
      const isOver =
        message.state === 'visible' || message.visibleAtMs !== atMs || !this.#messages.has(message.id);
      if (!isOver && atMs > nowMs) return;
      this.#waiting.removeFirst();
      if (isOver) continue;
      this.#leave(message);
      this.#visible.add(message);
    }
  }
}

function receivedOf(message: Message, receiptHandle: string): ReceivedMessage {
  return {
    messageId: message.id,
    receiptHandle,
    body: message.body,
    approximateReceiveCount: message.receiveCount,
    sentAtMs: message.sentAtMs,
    messageAttributes: message.attributes,
    ...(message.groupId === undefined ? {} : { messageGroupId: message.groupId }),
    ...(message.traceHeader === undefined ? {} : { traceHeader: message.traceHeader }),
  };
}
