import type { Message, VisibleMessages } from '../../../local/cloud/queues/message.ts';

interface Group {
  name: string;
  messages: Message[];
  /** Where it stands among the groups. */
  place: number;
}

/**
 * Any order that SQS allows. Taking a message draws a group first and then one of its messages, so that a group with many does not
 * keep others from their turn (Amazon SQS Developer Guide, "Fair queues").
 */
export class RandomOrder implements VisibleMessages {
  readonly #byName = new Map<string, Group>();
  readonly #groups: Group[] = [];
  readonly #places = new Map<Message, number>();
  readonly #random: () => number;

  /** @param random 0 included, 1 excluded */
  constructor(random: () => number) {
    this.#random = random;
  }

  get size(): number {
    return this.#places.size;
  }

  add(message: Message): void {
    const name = message.groupId ?? '';
    let group = this.#byName.get(name);
    if (group === undefined) {
      group = { name, messages: [], place: this.#groups.length };
      this.#byName.set(name, group);
      this.#groups.push(group);
    }
    this.#places.set(message, group.messages.push(message) - 1);
  }

  take(): Message | undefined {
    const group = this.#groups[Math.floor(this.#random() * this.#groups.length)];
    const message = group?.messages[Math.floor(this.#random() * group.messages.length)];
    if (message !== undefined) this.remove(message);
    return message;
  }

  remove(message: Message): void {
    const place = this.#places.get(message);
    const group = this.#byName.get(message.groupId ?? '');
    if (place === undefined || group === undefined) return;
    this.#places.delete(message);
    const last = group.messages.pop();
    if (last !== undefined && last !== message) {
      group.messages[place] = last;
      this.#places.set(last, place);
    }
    if (group.messages.length > 0) return;
    this.#byName.delete(group.name);
    const lastGroup = this.#groups.pop();
    if (lastGroup !== undefined && lastGroup !== group) {
      this.#groups[group.place] = lastGroup;
      lastGroup.place = group.place;
    }
  }
}
