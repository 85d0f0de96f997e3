import type { Log, LogFields } from '../../functions/shared/log.ts';
import type { Meter, MetricName } from '../../functions/shared/metrics.ts';
import { s3Error } from '../services/service-errors.ts';
import type { Wire } from '../services/wire.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { FaultKind, Stage } from './faults.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** What a request that was throttled, or timed out, ends in; named as the SDK names it. */
export class InjectedError extends Error {
  readonly code: string;
  constructor(name: string) {
    super('injected');
    this.name = name;
    this.code = name;
  }
}

export interface LogLine {
  stage: Stage;
  level: Parameters<Log>[0];
  message: string;
  fields: LogFields;
}

/** What a function has counted. */
export interface Measurement {
  stage: Stage;
  name: MetricName;
  value: number;
  dimensions: NonNullable<Parameters<Meter>[2]>;
}

/** A request of a process. The effect happens when `execute` is called; its argument is what the service does wrong. */
export interface Request<T> {
  service: string;
  operation: string;
  input?: unknown;
  execute(fault?: FaultKind): T;
  /** Makes an outcome of a time-out, where the client answers one instead of throwing. */
  timedOut?(cause: string): T;
  /** The client gives up at this moment. */
  deadlineMs?: number;
}

export interface ProcessWorld {
  scheduler: Scheduler;
  plan: FaultPlan;
  random: Random;
  log: LogLine[];
  metrics: Measurement[];
  /** A message of the pipeline's own was sent. */
  noteSent(input: unknown): void;
  /** This stage puts a row whole. */
  notePut(stage: Stage, input: unknown): void;
  /** Qure is asked for something by this stage. */
  noteQure(stage: Stage): void;
  /** A run of this stage ended with an error. */
  noteFailure(stage: Stage, error: unknown): void;
  /** A run of this stage had not ended when its time was up. */
  noteTimeOut(stage: Stage): void;
  /** Something may have become visible on a queue. */
  wake(): void;
  /** Has the next batch that a service takes be taken in part. */
  takePartly(): void;
  /** Has the next object that is read break off. */
  breakOff(): void;
  /** The file of an instance could be opened and not be read to its end. */
  noteUnreadable(sopInstanceUid: string): void;
}

const TIMED_OUT = 'TimeoutError';
/** A promise of its own each time: one that all share would hold on to everybody who ever waited for it. */
const never = () => new Promise<never>(() => {});

/**
 * One process of a function, as Lambda keeps it between invocations: with a clock of its own, and able to die between any two
 * requests. What awaits in a dead process waits for ever.
 */
export class FunctionProcess {
  readonly stage: Stage;
  /** How far its clock is from the world's. */
  readonly skewMs: number;
  isDead = false;
  /** Called once, when it dies. */
  onDeath: () => void = () => {};
  readonly #world: ProcessWorld;

  constructor(stage: Stage, skewMs: number, world: ProcessWorld) {
    this.stage = stage;
    this.skewMs = skewMs;
    this.#world = world;
  }

  readonly clock = (): Date => new Date(this.#world.scheduler.nowMs() + this.skewMs);

  readonly log: Log = (level, message, fields = {}) => {
    if (!this.isDead) this.#world.log.push({ stage: this.stage, level, message, fields });
  };

  readonly meter: Meter = (name, value, dimensions = {}) => {
    if (!this.isDead) this.#world.metrics.push({ stage: this.stage, name, value, dimensions });
  };

  readonly wire: Wire = (request) => this.request(request);

  die(): void {
    if (this.isDead) return;
    this.isDead = true;
    this.onDeath();
  }

  /** Time that passes only for the living. */
  async sleep(ms: number): Promise<void> {
    await this.#world.scheduler.sleep(ms);
    if (this.isDead) await never();
  }

  /** Reads what is at hand: no virtual time goes by meanwhile, however long the machine takes. */
  read<T>(sopInstanceUid: string, reading: () => Promise<T>): Promise<T> {
    return this.#world.scheduler.holdFor(async () => {
      try {
        return await reading();
      } catch (error) {
        this.#world.noteUnreadable(sopInstanceUid);
        throw error;
      }
    });
  }

  request<T>(request: Request<T>): Promise<T> {
    if (this.isDead) return never();
    if (request.service === 'qure') this.#world.noteQure(this.stage);
    if (request.operation === 'PutItem') this.#world.notePut(this.stage, request.input);
    if (request.service !== 'sqs') return this.#ask(request);
    if (request.operation.startsWith('SendMessage')) this.#world.noteSent(request.input);
    const execute = () => {
      const answer = request.execute();
      this.#world.wake();
      return answer;
    };
    return this.#ask({ ...request, execute });
  }

  async #ask<T>(request: Request<T>): Promise<T> {
    const { plan, random, scheduler } = this.#world;
    const { service, operation } = request;
    const struck = plan.ofRequest(this.stage, { service, operation });
    const { kind: fault, timing } = struck ?? {};
    const answerMs = timing === undefined ? undefined : timing.answerSeconds * 1000;
    const effectMs = timing === undefined ? undefined : timing.effectSeconds * 1000;
    const latencyMs = service === 'qure' ? random.between(20, 2_000) : random.between(1, 40);
    const lateEffect = () => {
      scheduler.plan(effectMs ?? random.between(0, 4_000), () => ignoreRefusal(() => request.execute()));
    };
    switch (fault) {
      case 'died_before':
        this.die();
        return never();
      case 'died_during':
        lateEffect();
        this.die();
        return never();
      case 'died_after':
        await this.sleep(latencyMs);
        ignoreRefusal(() => request.execute());
        this.die();
        return never();
      case 'lost_request':
        return this.#timeOut(request, random.between(1_000, 20_000));
      case 'lost_answer':
        await this.sleep(latencyMs);
        ignoreRefusal(() => request.execute());
        return this.#timeOut(request, random.between(1_000, 20_000));
      case 'repeated_request':
        await this.sleep(latencyMs);
        ignoreRefusal(() => request.execute());
        await this.sleep(random.between(50, 3_000));
        return request.execute();
      case 'late_effect': {
        const waitMs = answerMs ?? random.between(1_000, 20_000);
        const untilEffectMs = effectMs ?? waitMs + random.between(-1_000, 4_000);
        scheduler.plan(untilEffectMs, () => ignoreRefusal(() => request.execute()));
        return this.#timeOut(request, waitMs);
      }
      case 'throttled':
        await this.sleep(latencyMs);
        throw new InjectedError('ThrottlingException');
      case 'unreadable_object':
        await this.sleep(latencyMs);
        throw s3Error('AccessDenied', 403);
      case 'slow': {
        // Half of them have their effect at once, the others at the end.
        const isEarly = effectMs === undefined ? random.isOneIn(2) : effectMs === 0;
        const early = isEarly ? attempt(() => request.execute()) : undefined;
        await this.#waitAtMost(answerMs ?? random.between(10_000, 300_000), request);
        if (this.#isTooLate(request)) return this.#timeOut(request, 0);
        return (early ?? attempt(() => request.execute()))();
      }
      case 'stale_index': {
        // What an index answers that is behind: the answer of some time ago.
        const answer = attempt(() => request.execute());
        await this.sleep(random.between(2_000, 20_000));
        return answer();
      }
      case 'partial_write':
      case 'partial_read':
      case 'partial_events':
      case 'partial_send':
      case 'miscounted_queue':
        await this.sleep(latencyMs);
        this.#world.takePartly();
        return request.execute();
      case 'cut_body':
        await this.sleep(latencyMs);
        this.#world.breakOff();
        return request.execute();
      default:
        await this.#waitAtMost(latencyMs, request);
        if (this.#isTooLate(request)) return this.#timeOut(request, 0);
        return request.execute(fault);
    }
  }

  async #waitAtMost(ms: number, request: Pick<Request<unknown>, 'deadlineMs'>): Promise<void> {
    const leftMs = (request.deadlineMs ?? Number.POSITIVE_INFINITY) - this.#world.scheduler.nowMs();
    await this.sleep(Math.max(0, Math.min(ms, leftMs + 1)));
  }

  #isTooLate({ deadlineMs }: Pick<Request<unknown>, 'deadlineMs'>): boolean {
    return deadlineMs !== undefined && this.#world.scheduler.nowMs() > deadlineMs;
  }

  async #timeOut<T>(request: Request<T>, afterMs: number): Promise<T> {
    await this.#waitAtMost(afterMs, request);
    if (request.timedOut !== undefined) return request.timedOut('ETIMEDOUT');
    throw new InjectedError(TIMED_OUT);
  }
}

/** Runs at once; what comes of it, an error too, is had by calling what is given back. */
function attempt<T>(execute: () => T): () => T {
  try {
    const value = execute();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** A request that nobody waits for any more may still be refused. */
function ignoreRefusal(execute: () => unknown): void {
  attempt(execute);
}
