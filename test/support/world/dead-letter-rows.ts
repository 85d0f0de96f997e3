import type {
  DeadLetterBox,
  DeadLetterNote,
  DeadLetterQueue,
  DeadLetterSink,
  HeldLetter,
} from '../../../functions/core/dead-letter.ts';
import type { VirtualClock } from './virtual-clock.ts';

interface StoredLetter extends HeldLetter {
  stage: string;
  visibleAtMs: number;
}

/** Dead-letter queues on the virtual clock, in the order in which the letters came. */
export class DeadLetterRows {
  /** The queues that the functions are told of. None: every message that fails is left to SQS. */
  queues: Pick<DeadLetterQueue, 'stage' | 'queueArn' | 'maxReceives'>[] = [];
  /** What was sent back to its stage, in order. */
  readonly redriven: { stage: string; body: string }[] = [];
  /** Bodies that no queue takes (any more). */
  readonly refused = new Set<string>();
  readonly #clock: VirtualClock;
  #letters: StoredLetter[] = [];
  #count = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  all(): readonly StoredLetter[] {
    return this.#letters;
  }

  put(stage: string, body: string, note: Partial<DeadLetterNote> = {}): void {
    this.#count += 1;
    this.#letters.push({
      stage,
      body,
      cause: 'unknown',
      ...note,
      messageId: note.messageId ?? `letter-${this.#count}`,
      receipt: `receipt-${this.#count}`,
      sentAt: this.#clock.instant(),
      visibleAtMs: 0,
    });
  }

  /** So many can be received now. */
  get visible(): number {
    return this.#letters.filter((letter) => this.#isVisible(letter)).length;
  }

  readonly sink: DeadLetterSink = {
    queueOf: (queueArn) => this.queues.find((queue) => queue.queueArn === queueArn),
    send: async (_queueArn, body, note) => this.put(note.stage, body, note),
  };

  readonly box: DeadLetterBox = {
    stages: ['ingest', 'completion', 'compute', 'results'],
    receive: async (stage, hiddenSeconds) => {
      const found = this.#letters
        .filter((letter) => letter.stage === stage && this.#isVisible(letter))
        .slice(0, 10);
      for (const letter of found) letter.visibleAtMs = this.#clock.now().getTime() + hiddenSeconds * 1000;
      return found.map((letter) => ({ ...letter }));
    },
    giveBack: async (_stage, letters) => {
      for (const letter of this.#of(letters)) letter.visibleAtMs = 0;
    },
    sendBack: async (stage, letters) => {
      const taken = letters.filter(({ body }) => !this.refused.has(body));
      this.redriven.push(...taken.map(({ body }) => ({ stage, body })));
      return taken;
    },
    remove: async (_stage, letters) => {
      const gone = this.#of(letters);
      this.#letters = this.#letters.filter((letter) => !gone.includes(letter));
    },
    estimate: async (stage) => this.#letters.filter((letter) => letter.stage === stage).length,
  };

  #isVisible({ visibleAtMs }: StoredLetter): boolean {
    return visibleAtMs <= this.#clock.now().getTime();
  }

  #of(letters: readonly HeldLetter[]): StoredLetter[] {
    return this.#letters.filter(({ receipt }) => letters.some((one) => one.receipt === receipt));
  }
}
