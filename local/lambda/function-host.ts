import type { FunctionResource } from '../cloud/stack.ts';
import { FunctionError } from './function-error.ts';
import { FunctionProcess } from './function-process.ts';

export interface LambdaFunctionOptions {
  resource: FunctionResource;
  /** Set besides the template's own variables. */
  environment: Readonly<Record<string, string>>;
  /** Parallel invocations, each in its own process; further ones wait. */
  maxConcurrency: number;
  log(line: string): void;
}

interface Waiting {
  payload: string;
  resolve(payload: string): void;
  reject(error: unknown): void;
}

/** A function of the template: starts processes on demand, keeps idle ones, replaces dead ones. */
export class LambdaFunction {
  readonly #options: LambdaFunctionOptions;
  readonly #waiting: Waiting[] = [];
  readonly #idle: FunctionProcess[] = [];
  /** Alive, and about to request work: they are starting, or have just sent an answer. */
  readonly #soonIdle = new Set<FunctionProcess>();
  readonly #all = new Set<FunctionProcess>();
  readonly #unfinished = new Set<Promise<unknown>>();
  #isStopping = false;

  constructor(options: LambdaFunctionOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.resource.name;
  }

  get maxConcurrency(): number {
    return this.#options.maxConcurrency;
  }

  /** Of the running processes, for tests that kill one. */
  get pids(): number[] {
    return [...this.#all].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  /**
   * @param payload JSON text of the event.
   * @returns JSON text of the response.
   * @throws FunctionError when the handler failed, timed out, died, or could not be loaded.
   */
  invoke(payload: string): Promise<string> {
    if (this.#isStopping) return Promise.reject(stopped());
    if (this.#options.resource.codeFolder === undefined) {
      const message = `${this.name}: expected its code as a folder beside the template; run npm run synth`;
      return Promise.reject(new FunctionError('init', 'Runtime.NoCode', message));
    }
    const result = new Promise<string>((resolve, reject) => {
      this.#waiting.push({ payload, resolve, reject });
      this.#assign();
    });
    this.#unfinished.add(result);
    const forget = () => this.#unfinished.delete(result);
    result.then(forget, forget);
    return result;
  }

  /** Waits up to `graceMs` for running invocations, then kills every process. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    for (const { reject } of this.#waiting.splice(0)) reject(stopped());
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([Promise.allSettled(this.#unfinished), grace]);
    clearTimeout(timer);
    const processes = [...this.#all];
    for (const process of processes) process.kill();
    await Promise.all(processes.map(({ gone }) => gone));
    await Promise.allSettled(this.#unfinished);
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const process = this.#takeIdle();
      if (process === undefined) break;
      const next = this.#waiting.shift();
      if (next !== undefined) this.#run(process, next);
    }
    while (this.#soonIdle.size < this.#waiting.length && this.#all.size < this.#options.maxConcurrency)
      this.#start();
  }

  /**
   * The one that has worked most, so that few processes do the work: V8 has compiled what they run often, which makes them twice as
   * fast as at their first runs, and the others do not use the CPU caches.
   */
  #takeIdle(): FunctionProcess | undefined {
    const [most] = this.#idle.toSorted((a, b) => b.runs - a.runs);
    if (most !== undefined) this.#idle.splice(this.#idle.indexOf(most), 1);
    return most;
  }

  #run(process: FunctionProcess, { payload, resolve, reject }: Waiting): void {
    process
      .run(payload)
      .finally(() => {
        if (this.#all.has(process)) this.#soonIdle.add(process);
      })
      .then(resolve, reject);
  }

  #start(): void {
    const process = new FunctionProcess({
      ...this.#options,
      onIdle: (self) => {
        this.#soonIdle.delete(self);
        this.#idle.push(self);
        this.#assign();
      },
      onGone: (self, initError) => {
        this.#all.delete(self);
        this.#soonIdle.delete(self);
        const position = this.#idle.indexOf(self);
        if (position >= 0) this.#idle.splice(position, 1);
        // It was started for an invocation, which must not wait without end if no process can start.
        if (initError !== undefined) this.#waiting.shift()?.reject(initError);
        if (!this.#isStopping) this.#assign();
      },
    });
    this.#all.add(process);
    this.#soonIdle.add(process);
    void process.start();
  }
}

function stopped(): FunctionError {
  return new FunctionError('stopped', 'Host.Stopping', 'The local cloud is stopping');
}
