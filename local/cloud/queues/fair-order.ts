import type { Message, VisibleMessages } from './message.ts';

interface Group {
  messages: Set<Message>;
  /** Goes on where it was: a set's iterator sees what is added later, and skips what was removed. */
  next: Iterator<Message, undefined>;
}

/**
 * The oldest first, and the message groups in turn, so that a group with many messages does not keep others from theirs (Amazon SQS
 * Developer Guide, "Fair queues").
 */
export class FairOrder implements VisibleMessages {
  /** None is empty. */
  readonly #groups = new Map<string | undefined, Group>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(message: Message): void {
    let group = this.#groups.get(message.groupId);
    if (group === undefined) {
      const messages = new Set<Message>();
      group = { messages, next: messages.values() };
      this.#groups.set(message.groupId, group);
    }
    group.messages.add(message);
    this.#size += 1;
  }

  take(): Message | undefined {
    for (const [groupId, group] of this.#groups) {
      const { value: message } = group.next.next();
      if (message === undefined) return undefined;
      this.remove(message);
      if (this.#groups.delete(groupId)) this.#groups.set(groupId, group);
      return message;
    }
    return undefined;
  }

  remove(message: Message): void {
    const group = this.#groups.get(message.groupId);
    if (group?.messages.delete(message) !== true) return;
    this.#size -= 1;
    if (group.messages.size === 0) this.#groups.delete(message.groupId);
  }
}
