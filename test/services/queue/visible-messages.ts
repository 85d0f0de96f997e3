interface Group<T> {
  name: string;
  messages: T[];
  /** Where it stands among the groups. */
  place: number;
}

/**
 * Messages that may be received, by message group. Taking one draws a group first and then one of its messages, so that
 * a group with many does not keep others from their turn (Amazon SQS Developer Guide, "Fair queues").
 */
export class VisibleMessages<T extends { groupId: string | undefined }> {
  readonly #byName = new Map<string, Group<T>>();
  readonly #groups: Group<T>[] = [];
  readonly #places = new Map<T, number>();

  get size(): number {
    return this.#places.size;
  }

  has(message: T): boolean {
    return this.#places.has(message);
  }

  add(message: T): void {
    const name = message.groupId ?? '';
    let group = this.#byName.get(name);
    if (group === undefined) {
      group = { name, messages: [], place: this.#groups.length };
      this.#byName.set(name, group);
      this.#groups.push(group);
    }
    this.#places.set(message, group.messages.push(message) - 1);
  }

  /** @param random 0 included, 1 excluded */
  take(random: () => number): T | undefined {
    const group = this.#groups[Math.floor(random() * this.#groups.length)];
    const message = group?.messages[Math.floor(random() * group.messages.length)];
    if (message !== undefined) this.remove(message);
    return message;
  }

  remove(message: T): void {
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
