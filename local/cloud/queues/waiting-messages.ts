interface Waiting<T> {
  atMs: number;
  /** What began to wait first comes first, at one moment. */
  order: number;
  item: T;
}

/** What becomes visible later, soonest first: a binary heap. An item that is forgotten stays until its time. */
export class WaitingMessages<T> {
  readonly #heap: Waiting<T>[] = [];
  #added = 0;

  add(atMs: number, item: T): void {
    this.#added += 1;
    const heap = this.#heap;
    const entry = { atMs, order: this.#added, item };
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!isSooner(entry, heap[parent])) break;
      heap[at] = heap[parent] as Waiting<T>;
      at = parent;
    }
    heap[at] = entry;
  }

  first(): { atMs: number; item: T } | undefined {
    return this.#heap[0];
  }

  removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isSooner(heap[child + 1] as Waiting<T>, heap[child])) child += 1;
      if (!isSooner(heap[child] as Waiting<T>, last)) break;
      heap[at] = heap[child] as Waiting<T>;
      at = child;
    }
    heap[at] = last;
  }
}

function isSooner<T>(a: Waiting<T>, b: Waiting<T> | undefined): boolean {
  return b !== undefined && (a.atMs !== b.atMs ? a.atMs < b.atMs : a.order < b.order);
}
