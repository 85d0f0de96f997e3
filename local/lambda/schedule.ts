import { randomUUID } from 'node:crypto';
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../cloud/intrinsics.ts';
import type { ScheduleResource } from '../cloud/stack.ts';

/** The longest that a timer of Node can wait (2^31 - 1 ms, about 24 days); longer ones would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface ScheduleOptions {
  schedule: ScheduleResource;
  /** @throws if the function fails; the next run starts nevertheless. */
  invoke(payload: string): Promise<unknown>;
  onProblem(message: string): void;
}

/** Invokes a function at a fixed rate, never twice in parallel: a run that takes longer skips runs. */
export class Schedule {
  readonly #options: ScheduleOptions;
  #timer: NodeJS.Timeout | undefined;
  #run: Promise<void> | undefined;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    this.#wait(options.schedule.everyMs);
  }

  /** One additional run now. Resolves when it has ended, with or without an error. */
  runNow(): Promise<void> {
    this.#run ??= this.#invoke().finally(() => {
      this.#run = undefined;
    });
    return this.#run;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(leftMs: number): void {
    const stepMs = Math.min(leftMs, MAX_TIMER_MS);
    this.#timer = setTimeout(() => {
      if (leftMs > stepMs) return this.#wait(leftMs - stepMs);
      this.#wait(this.#options.schedule.everyMs);
      void this.runNow();
    }, stepMs);
  }

  async #invoke(): Promise<void> {
    const { schedule, invoke, onProblem } = this.#options;
    try {
      await invoke(schedule.input ?? scheduledEvent(schedule.logicalId));
    } catch (error) {
      onProblem(`scheduled run failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** Source: EventBridge User Guide, "Scheduled Event". */
function scheduledEvent(ruleName: string): string {
  return JSON.stringify({
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: LOCAL_ACCOUNT_ID,
    time: new Date().toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region: LOCAL_REGION,
    resources: [`arn:aws:events:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:rule/${ruleName}`],
    detail: {},
  });
}
