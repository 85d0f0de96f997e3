import { BrokenInvariantError } from './broken-invariant.ts';

/** Something that happens at a moment of virtual time. */
interface Happening {
  atMs: number;
  /** What was planned first happens first, at one moment. */
  order: number;
  happen(): void;
}

/** More than any scenario needs; a world that goes on for longer does not come to rest. */
const MAX_HAPPENINGS = 400_000;

/**
 * Virtual time: whatever waits, waits here. One happening at a time; before the next one, all code that it woke
 * runs until it waits again, so that a run is determined by its seed alone.
 */
export class Scheduler {
  #nowMs: number;
  #planned = 0;
  #happened = 0;
  /** Readings under way that take real time. */
  #held = 0;
  readonly #heap: Happening[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  readonly nowMs = (): number => this.#nowMs;

  plan(delayMs: number, happen: () => void): void {
    this.planAt(this.#nowMs + Math.max(0, delayMs), happen);
  }

  planAt(atMs: number, happen: () => void): void {
    this.#planned += 1;
    push(this.#heap, { atMs: Math.max(atMs, this.#nowMs), order: this.#planned, happen });
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.plan(delayMs, resolve);
    });
  }

  /** Nothing else happens until this is done: decompression, for example, waits for a thread of the machine. */
  async holdFor<T>(work: () => Promise<T>): Promise<T> {
    this.#held += 1;
    try {
      return await work();
    } finally {
      this.#held -= 1;
    }
  }

  /**
   * Until nothing is planned any more, or `isOver`, or so much time has gone by. Throws when that takes more than any scenario
   * needs.
   */
  async run(isOver: () => boolean, forMs = Number.POSITIVE_INFINITY): Promise<void> {
    const untilMs = this.#nowMs + forMs;
    await this.#settle();
    for (let next = this.#heap[0]; next !== undefined && !isOver(); next = this.#heap[0]) {
      if (next.atMs > untilMs) break;
      pop(this.#heap);
      this.#nowMs = next.atMs;
      next.happen();
      await this.#settle();
      this.#happened += 1;
      if (this.#happened > MAX_HAPPENINGS)
        throw new BrokenInvariantError('4: the world does not come to rest');
    }
    if (Number.isFinite(untilMs)) this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** Runs everything that can run without time going on: promises, and the ticks of streams. */
  async #settle(): Promise<void> {
    do await nextTurn();
    while (this.#held > 0);
  }

  get happenings(): number {
    return this.#happened;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** A binary heap: each parent is before its children. */
function push(heap: Happening[], added: Happening): void {
  let at = heap.length;
  heap.push(added);
  while (at > 0) {
    const parentAt = (at - 1) >> 1;
    const parent = heap[parentAt];
    if (parent === undefined || !isBefore(added, parent)) break;
    heap[at] = parent;
    at = parentAt;
  }
  heap[at] = added;
}

function pop(heap: Happening[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let childAt = 2 * at + 1;
    let child = heap[childAt];
    if (child === undefined) break;
    const right = heap[childAt + 1];
    if (right !== undefined && isBefore(right, child)) {
      childAt += 1;
      child = right;
    }
    if (!isBefore(child, last)) break;
    heap[at] = child;
    at = childAt;
  }
  heap[at] = last;
}
