import { addSeconds, type Instant } from '../../../functions/core/time.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface HeldMessage<M> {
  messageId: string;
  message: M;
  visibleAt: Instant;
  receives: number;
}

/** SQS: no longer delay for one message. */
const MAX_DELAY_SECONDS = 900;

/** A standard SQS queue on the virtual clock: delays, visibility, and messages that stay until they are removed. */
export class VirtualQueue<M> {
  /** Everything that was ever sent, in order. */
  readonly sent: { message: M; delaySeconds: number }[] = [];
  readonly name: string;
  readonly #clock: VirtualClock;
  readonly #check: (message: unknown) => M;
  #held: HeldMessage<M>[] = [];

  /** `check` throws for what must never be on this queue. */
  constructor(name: string, clock: VirtualClock, check: (message: unknown) => M) {
    this.name = name;
    this.#clock = clock;
    this.#check = check;
  }

  send(message: M, delaySeconds: number): void {
    if (!Number.isInteger(delaySeconds) || delaySeconds < 0 || delaySeconds > MAX_DELAY_SECONDS) {
      throw new RangeError(
        `expected a delay of whole seconds from 0 to ${MAX_DELAY_SECONDS}, got ${delaySeconds}`,
      );
    }
    const checked = this.#check(JSON.parse(JSON.stringify(message)));
    this.sent.push({ message: checked, delaySeconds });
    this.#held.push({
      messageId: `${this.name}-${this.sent.length}`,
      message: checked,
      visibleAt: addSeconds(this.#clock.instant(), delaySeconds),
      receives: 0,
    });
  }

  /** Up to `max` visible messages, hidden for `visibilitySeconds` from now. */
  receive(max: number, visibilitySeconds: number): HeldMessage<M>[] {
    const now = this.#clock.instant();
    const visible = this.#held.filter(({ visibleAt }) => visibleAt <= now).slice(0, max);
    for (const held of visible) {
      held.visibleAt = addSeconds(now, visibilitySeconds);
      held.receives += 1;
    }
    return visible.map((held) => ({ ...held }));
  }

  remove(messageId: string): void {
    this.#held = this.#held.filter((held) => held.messageId !== messageId);
  }

  /** Messages that are there, in flight or delayed ones too. */
  get size(): number {
    return this.#held.length;
  }

  /** When the next message can be received; `undefined` when there is none. */
  nextVisibleAt(): Instant | undefined {
    return this.#held.map(({ visibleAt }) => visibleAt).sort()[0];
  }
}
