import type { ServerResponse } from 'node:http';
import type { Queue } from './queue.ts';

interface Poll {
  queueName: string;
  isOver: boolean;
  wake(): void;
}

/** Receives that wait for a message. */
export class LongPolls {
  readonly #polls = new Set<Poll>();

  /**
   * Polls until there are messages or the time is over. For a client that has disconnected nothing is received: its
   * messages would be in flight for nothing.
   */
  async receive(
    queue: Queue,
    waitSeconds: number,
    response: ServerResponse,
    ask: () => object,
  ): Promise<object> {
    const endsAtMs = Date.now() + waitSeconds * 1000;
    const poll: Poll = { queueName: queue.name, isOver: false, wake: () => undefined };
    const end = () => this.#end(poll);
    response.once('close', end);
    this.#polls.add(poll);
    try {
      for (;;) {
        const answer = response.destroyed ? {} : ask();
        const leftMs = endsAtMs - Date.now();
        if ('Messages' in answer || poll.isOver || leftMs <= 0) return answer;
        const nextMs = (queue.nextVisibleAt() ?? Number.POSITIVE_INFINITY) - Date.now();
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.max(1, Math.min(leftMs, nextMs)));
          poll.wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    } finally {
      this.#polls.delete(poll);
      response.off('close', end);
    }
  }

  /** A message has become visible in this queue. */
  wake(queueName: string): void {
    for (const poll of this.#polls) if (poll.queueName === queueName) poll.wake();
  }

  /** Answers all of them now. */
  endAll(): void {
    for (const poll of this.#polls) this.#end(poll);
  }

  #end(poll: Poll): void {
    poll.isOver = true;
    poll.wake();
  }
}
