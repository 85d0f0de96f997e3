import type { Context } from 'aws-lambda';
import type { FaultPlan } from './fault-plan.ts';
import type { Stage } from './faults.ts';
import { FunctionProcess, type ProcessWorld } from './function-process.ts';
import { asInvocation, type Work } from './invocation.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

export type Handler<Event, Result> = (event: Event, context: Context) => Promise<Result>;

export type Invocation<Result> = { kind: 'answered'; result: Result } | { kind: 'failed' | 'died' };

export interface FunctionSettings<Event, Result> {
  stage: Stage;
  timeoutSeconds: number;
  /** Clocks are wrong by up to this much, either way. */
  maxSkewMs: number;
  create(process: FunctionProcess): Handler<Event, Result>;
  /** Where work goes by tickets. */
  jobOf?(event: Event): Work;
}

interface Warm<Event, Result> {
  process: FunctionProcess;
  handler: Handler<Event, Result>;
}

/** A Lambda function: processes are kept warm and used again, each for one invocation at a time; one that is out of time dies. */
export class SimulatedFunction<Event, Result> {
  readonly stage: Stage;
  active = 0;
  readonly #settings: FunctionSettings<Event, Result>;
  readonly #world: ProcessWorld & { scheduler: Scheduler; plan: FaultPlan; random: Random };
  readonly #warm: Warm<Event, Result>[] = [];

  constructor(settings: FunctionSettings<Event, Result>, world: ProcessWorld) {
    this.stage = settings.stage;
    this.#settings = settings;
    this.#world = world;
  }

  invoke(event: Event): Promise<Invocation<Result>> {
    const warm = this.#take();
    const { scheduler } = this.#world;
    const deadlineMs = scheduler.nowMs() + this.#settings.timeoutSeconds * 1000;
    const context = { getRemainingTimeInMillis: () => deadlineMs - scheduler.nowMs() } as Context;
    this.active += 1;
    return new Promise((resolve) => {
      let isOver = false;
      const end = (invocation: Invocation<Result>) => {
        if (isOver) return;
        isOver = true;
        this.active -= 1;
        if (invocation.kind !== 'died') this.#warm.push(warm);
        resolve(invocation);
      };
      warm.process.onDeath = () => end({ kind: 'died' });
      scheduler.planAt(deadlineMs, () => {
        if (isOver) return;
        this.#world.noteTimeOut(this.stage);
        warm.process.die();
      });
      asInvocation(this.#settings.jobOf?.(event), () => warm.handler(event, context)).then(
        (result) => end({ kind: 'answered', result }),
        (error: unknown) => {
          this.#world.noteFailure(this.stage, error);
          end({ kind: 'failed' });
        },
      );
    });
  }

  #take(): Warm<Event, Result> {
    const { random } = this.#world;
    // Lambda ends a warm process when it likes.
    if (random.isOneIn(10)) this.#warm.pop();
    // What an invocation left running (requests beside the one whose failure ended it) may have killed it since.
    const warm = this.#warm.findLast(({ process }) => !process.isDead);
    this.#warm.splice(warm === undefined ? 0 : this.#warm.indexOf(warm));
    if (warm !== undefined) return warm;
    const { maxSkewMs, create, stage } = this.#settings;
    const process = new FunctionProcess(stage, random.between(-maxSkewMs, maxSkewMs), this.#world);
    return { process, handler: create(process) };
  }
}
