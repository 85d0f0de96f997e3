import type { Message } from './message.ts';

interface Group {
  groupId: string | undefined;
  isRedelivered: boolean;
  messages: Message[];
  /** The start of the remaining ones. */
  start: number;
}

/**
 * The visible messages by message group, the groups in turn: a group with many messages does not delay others. SQS does so where a
 * group has more than a tenth of the consumers' time (Amazon SQS Developer Guide, "How Amazon SQS fair queues work"), this queue
 * always. The redeliveries of a group have turns of their own: its new messages do not wait behind them.
 */
export class VisibleMessages {
  /** None is empty. */
  readonly #groups: Group[] = [];
  readonly #pick: (count: number) => number;

  /** `pick` chooses one of `count`, the first being 0. SQS promises no order for standard queues. */
  constructor(pick: (count: number) => number) {
    this.#pick = pick;
  }

  get size(): number {
    return this.#groups.reduce((sum, { messages, start }) => sum + messages.length - start, 0);
  }

  add(message: Message): void {
    const { groupId } = message;
    const isRedelivered = message.receiveCount > 0;
    const group = this.#groups.find((one) => one.groupId === groupId && one.isRedelivered === isRedelivered);
    if (group === undefined) this.#groups.push({ groupId, isRedelivered, messages: [message], start: 0 });
    else group.messages.push(message);
  }

  /** The oldest message that was never received is the next one, if there is any. */
  putOldestFirst(): void {
    const sentAtMs = ({ messages, start }: Group) => messages[start]?.sentAtMs ?? 0;
    const [first, ...others] = this.#groups.filter(({ isRedelivered }) => !isRedelivered);
    if (first === undefined) return;
    const oldest = others.reduce(
      (least, group) => (sentAtMs(group) < sentAtMs(least) ? group : least),
      first,
    );
    this.#groups.unshift(...this.#groups.splice(this.#groups.indexOf(oldest), 1));
  }

  /** Removes the next one. */
  take(): Message | undefined {
    const group = this.#groups[this.#pick(this.#groups.length)];
    if (group === undefined) return undefined;
    const { messages, start } = group;
    const message = this.#removeAt(group, start + this.#pick(messages.length - start));
    // The other groups have their turn first.
    if (group.start < messages.length)
      this.#groups.push(...this.#groups.splice(this.#groups.indexOf(group), 1));
    return message;
  }

  /** Does nothing if it is absent. */
  remove(message: Message): void {
    for (const group of this.#groups) {
      const at = group.messages.indexOf(message, group.start);
      if (at >= 0) {
        this.#removeAt(group, at);
        return;
      }
    }
  }

  /** The first takes its place. The removal of the first itself therefore moves nothing, for any number of messages. */
  #removeAt(group: Group, at: number): Message | undefined {
    const { messages } = group;
    const message = messages[at];
    messages[at] = messages[group.start] as Message;
    group.start += 1;
    if (group.start === messages.length) this.#groups.splice(this.#groups.indexOf(group), 1);
    else if (group.start > messages.length / 2) {
      messages.splice(0, group.start);
      group.start = 0;
    }
    return message;
  }
}
