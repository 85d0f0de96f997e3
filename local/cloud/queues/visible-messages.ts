import type { Message } from './message.ts';

interface Group {
  messages: Message[];
  /** Where the ones begin that are still there. */
  start: number;
}

/**
 * What can be received, by message group, the groups in turn: one with many messages does not keep others from theirs (Amazon SQS
 * Developer Guide, "Fair queues").
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
    const group = this.#groups.find(({ messages }) => messages.at(-1)?.groupId === message.groupId);
    if (group === undefined) this.#groups.push({ messages: [message], start: 0 });
    else group.messages.push(message);
  }

  /** Removes the next one. */
  take(): Message | undefined {
    const group = this.#groups[this.#pick(this.#groups.length)];
    if (group === undefined) return undefined;
    const { messages, start } = group;
    const message = this.#removeAt(group, start + this.#pick(messages.length - start));
    // The others have their turn before it.
    if (group.start < messages.length)
      this.#groups.push(...this.#groups.splice(this.#groups.indexOf(group), 1));
    return message;
  }

  /** Does nothing when it is not there. */
  remove(message: Message): void {
    for (const group of this.#groups) {
      const at = group.messages.indexOf(message, group.start);
      if (at >= 0) {
        this.#removeAt(group, at);
        return;
      }
    }
  }

  /** The first takes its place: so nothing moves when the first itself is removed, however many there are. */
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
