import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { FunctionResource } from '../cloud/stack.ts';
import { functionEnvironment } from './function-environment.ts';
import { FunctionError } from './function-error.ts';
import { RuntimeApi } from './runtime-api.ts';

/**
 * A process that does not request work within this time after its start or its last answer is killed. Longer than any
 * cold start on a busy laptop. (AWS allows 10 s and then tries once more within the function's timeout.)
 */
const NEXT_TIMEOUT_MS = 60_000;

const CLIENT_PATH = fileURLToPath(new URL('./runtime-client.ts', import.meta.url));

export interface FunctionProcessOptions {
  resource: FunctionResource;
  /** Set besides the template's own variables: endpoints, credentials. */
  environment: Readonly<Record<string, string>>;
  /** One log line of the function. */
  log(line: string): void;
  /** The process requests work. */
  onIdle(process: FunctionProcess): void;
  /** The process has ended; called once. `initError` if it never requested work. */
  onGone(process: FunctionProcess, initError: FunctionError | undefined): void;
}

interface Running {
  requestId: string;
  timer: NodeJS.Timeout;
  resolve(payload: string): void;
  reject(error: FunctionError): void;
}

/** One execution environment: a child process that works on one invocation at a time. */
export class FunctionProcess {
  readonly #options: FunctionProcessOptions;
  readonly #api: RuntimeApi;
  #child: ChildProcess | undefined;
  #nextTimer: NodeJS.Timeout | undefined;
  #initError: FunctionError | undefined;
  #hasStarted = false;
  #isGone = false;
  #runs = 0;
  #running: Running | undefined;
  readonly #gone = Promise.withResolvers<void>();

  constructor(options: FunctionProcessOptions) {
    this.#options = options;
    this.#api = new RuntimeApi({
      onNext: () => this.#becomeIdle(),
      onResponse: (requestId, payload) => this.#takeRunning(requestId)?.resolve(payload),
      onError: (requestId, error) => this.#takeRunning(requestId)?.reject(error),
      onInitError: (error) => {
        this.#initError = error;
      },
    });
  }

  /** Resolves when the process has ended. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Invocations that it was given. */
  get runs(): number {
    return this.#runs;
  }

  async start(): Promise<void> {
    const { resource, environment } = this.#options;
    try {
      const runtimeApi = await this.#api.listen();
      if (this.#isGone) return this.#api.close();
      // 64 MB of the function's memory are for data outside V8's heap; half of the memory for very small functions.
      const heapMegabytes = Math.max(resource.memoryMegabytes - 64, Math.floor(resource.memoryMegabytes / 2));
      const child = spawn(process.execPath, [`--max-old-space-size=${heapMegabytes}`, CLIENT_PATH], {
        cwd: resource.codeFolder,
        env: functionEnvironment(resource, environment, runtimeApi),
        stdio: ['pipe', 'pipe', 'pipe'],
        windowsHide: true,
      });
      this.#child = child;
      this.#awaitNext();
      // Nothing is written to stdin; the end of the pipe signals the end of the host to the child.
      child.stdin.on('error', () => undefined);
      this.#forwardLines(child.stdout);
      this.#forwardLines(child.stderr);
      child.once('error', (error) => this.#end(`could not be started: ${error.message}`));
      child.once('exit', (code, signal) => this.#end(`ended with ${signal ?? `exit code ${code}`}`));
    } catch (error) {
      this.#end(`could not be started: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Only after `onIdle`, and once for each. @throws FunctionError */
  run(payload: string): Promise<string> {
    const { resource } = this.#options;
    const timeoutMs = resource.timeoutSeconds * 1000;
    const requestId = randomUUID();
    this.#runs += 1;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const message = `${requestId} Task timed out after ${resource.timeoutSeconds.toFixed(2)} seconds`;
        this.#takeRunning(requestId)?.reject(new FunctionError('timeout', 'Sandbox.Timedout', message));
        this.kill();
      }, timeoutMs);
      this.#running = { requestId, timer, resolve, reject };
      this.#api.deliver({
        requestId,
        payload,
        deadlineMs: Date.now() + timeoutMs,
        functionArn: resource.arn,
      });
    });
  }

  /** Like Lambda at a timeout: at once, whatever the process is doing. */
  kill(): void {
    if (this.#child === undefined) this.#end('stopped before it was started');
    else this.#child.kill('SIGKILL');
  }

  #awaitNext(): void {
    clearTimeout(this.#nextTimer);
    this.#nextTimer = setTimeout(() => this.kill(), NEXT_TIMEOUT_MS);
  }

  #becomeIdle(): void {
    clearTimeout(this.#nextTimer);
    this.#hasStarted = true;
    this.#options.onIdle(this);
  }

  #takeRunning(requestId: string): Running | undefined {
    const running = this.#running;
    if (running === undefined || running.requestId !== requestId) return undefined;
    clearTimeout(running.timer);
    this.#running = undefined;
    this.#awaitNext();
    return running;
  }

  #end(how: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#api.close();
    const gone = new FunctionError('exited', 'Runtime.ExitError', `The function's process ${how}`);
    if (this.#running !== undefined) this.#takeRunning(this.#running.requestId)?.reject(gone);
    clearTimeout(this.#nextTimer);
    const initError = this.#initError ?? new FunctionError('init', gone.errorType, gone.message);
    this.#options.onGone(this, this.#hasStarted ? undefined : initError);
    this.#gone.resolve();
  }

  #forwardLines(stream: Readable): void {
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', this.#options.log);
  }
}
