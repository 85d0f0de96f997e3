/** How long a call may take at most, and who may call it off. */
export interface CallLimits {
  signal?: AbortSignal;
  /** The call is given up at this moment, whatever it is doing. */
  deadline?: Date;
}

/** One signal for both limits, and why it fired. `release` ends the timer; call it when the call is over. */
export interface HeldLimits {
  signal: AbortSignal;
  /** `aborted` by the caller's signal, `deadline` by the clock; undefined while neither has happened. */
  firedCause(): 'aborted' | 'deadline' | undefined;
  release(): void;
}

/** Node turns a longer timer into one of a millisecond. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A deadline that has passed fires at once. */
export function holdLimits(limits: CallLimits, now: Date): HeldLimits {
  const controller = new AbortController();
  let cause: 'aborted' | 'deadline' | undefined;
  const fire = (why: 'aborted' | 'deadline') => {
    cause ??= why;
    controller.abort(new Error(`Call to Qure ended: ${why}`));
  };
  const onAbort = () => fire('aborted');
  const remainingMs = limits.deadline === undefined ? undefined : limits.deadline.getTime() - now.getTime();
  let timer: NodeJS.Timeout | undefined;
  if (limits.signal?.aborted) {
    onAbort();
  } else if (remainingMs !== undefined && remainingMs <= 0) {
    fire('deadline');
  } else {
    limits.signal?.addEventListener('abort', onAbort, { once: true });
    if (remainingMs !== undefined) {
      timer = setTimeout(() => fire('deadline'), Math.min(remainingMs, MAX_TIMER_MS));
    }
  }
  return {
    signal: controller.signal,
    firedCause: () => cause,
    release: () => {
      clearTimeout(timer);
      limits.signal?.removeEventListener('abort', onAbort);
    },
  };
}
