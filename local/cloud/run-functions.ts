import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import { EventSource } from '../lambda/event-source.ts';
import { LambdaFunction } from '../lambda/function-host.ts';
import { LogFile } from '../lambda/log-file.ts';
import { Schedule } from '../lambda/schedule.ts';
import { clientConfig, type Endpoints, endpointVariables } from './endpoints.ts';
import { TemplateError } from './intrinsics.ts';
import type { LocalQueues } from './queues/local-queues.ts';
import type { Stack } from './stack.ts';

export interface LogEntry {
  /** A function's name, or `host`. */
  from: string;
  message: string;
}

export interface FunctionOptions {
  /** All durable data are below it. One host at a time. */
  dataDir: string;
  /** Log lines of functions (also in `<dataDir>/logs/`) and problems of the host itself. */
  log?(entry: LogEntry): void;
  /**
   * Set for every function in addition to the template, for example NODE_EXTRA_CA_CERTS.
   * @default none
   */
  environment?: Readonly<Record<string, string>>;
  /**
   * Processes per function; a mapping's MaximumConcurrency lowers it.
   * @default the number of processors, at least 4, because the functions mostly wait for the network
   */
  maxConcurrency?: number;
}

export interface RunFunctionsOptions extends FunctionOptions {
  stack: Stack;
  endpoints: Endpoints;
  queues: Pick<LocalQueues, 'answerWaitingPolls'>;
}

export interface RunningFunctions {
  /** Begins to read the queues, and runs every schedule once immediately: unfinished work after a crash is found now. */
  begin(): void;
  invoke(nameFragment: string, payload: unknown): Promise<unknown>;
  pids(nameFragment: string): number[];
  stop(graceMs: number): Promise<void>;
}

/** The functions of the template. Each can be invoked at once; their queues and schedules wait for `begin`. */
export function runFunctions(options: RunFunctionsOptions): RunningFunctions {
  const { stack, endpoints, queues } = options;
  const environment = {
    // Node writes a cache file atomically, and uses it only for the source from which it was made.
    NODE_COMPILE_CACHE: resolve(options.dataDir, 'compile-cache'),
    ...options.environment,
    ...endpointVariables(endpoints),
  };
  const maxPerQueue = options.maxConcurrency ?? Math.max(4, availableParallelism());
  const problemOf = (from: string) => (message: string) =>
    options.log?.({ from: 'host', message: `${from}: ${message}` });

  const logs: LogFile[] = [];
  const functions = stack.functions.map((resource) => {
    const file = new LogFile(join(options.dataDir, 'logs', `${resource.name}.log`));
    logs.push(file);
    const log = (line: string) => {
      file.append(line);
      options.log?.({ from: resource.name, message: line });
    };
    // A share for each of its queues: a full queue must not use the processes of another.
    const lanes = stack.eventSources.filter(({ functionName }) => functionName === resource.name).length;
    const maxConcurrency = maxPerQueue * Math.max(1, lanes);
    return new LambdaFunction({ resource, environment, maxConcurrency, log });
  });
  const byName = (name: string, wantedBy: string) => {
    const found = functions.find((lambda) => lambda.name === name);
    if (found === undefined)
      throw new TemplateError(`${wantedBy}: expected a function of the template, got ${name}`);
    return found;
  };

  const targets = stack.schedules.map((schedule) => ({
    schedule,
    lambda: byName(schedule.functionName, schedule.logicalId),
  }));
  const sources = stack.eventSources.map((mapping) => {
    const queue = stack.queues.find(({ arn }) => arn === mapping.queueArn);
    if (queue === undefined) {
      throw new TemplateError(
        `${mapping.logicalId}: expected a queue of the template, got ${mapping.queueArn}`,
      );
    }
    return { mapping, queueUrl: queue.url, lambda: byName(mapping.functionName, mapping.logicalId) };
  });

  const sqs = new SQSClient(clientConfig(endpoints, 'sqs'));
  const eventSources: EventSource[] = [];
  const schedules: Schedule[] = [];

  const named = (fragment: string): LambdaFunction => {
    const plain = (name: string) => name.toLowerCase().replaceAll('-', '');
    const found = functions.filter(({ name }) => plain(name).includes(plain(fragment)));
    const [only] = found;
    if (only === undefined || found.length > 1) {
      throw new Error(`Expected one function named like ${fragment}, got ${found.length}`);
    }
    return only;
  };
  return {
    begin() {
      for (const source of sources) {
        const onProblem = problemOf(source.lambda.name);
        eventSources.push(new EventSource({ ...source, sqs, maxConcurrency: maxPerQueue, onProblem }));
      }
      for (const { schedule, lambda } of targets) {
        const invoke = (payload: string) => lambda.invoke(payload);
        schedules.push(new Schedule({ schedule, invoke, onProblem: problemOf(lambda.name) }));
      }
      for (const schedule of schedules) void schedule.runNow();
    },
    async invoke(nameFragment, payload) {
      return JSON.parse(await named(nameFragment).invoke(JSON.stringify(payload)));
    },
    pids: (nameFragment) => named(nameFragment).pids,
    async stop(graceMs) {
      for (const schedule of schedules) schedule.stop();
      const polled = Promise.all(eventSources.map((source) => source.stop()));
      // A poll that arrives while the others are answered is answered by the next round.
      const waking = setInterval(() => queues.answerWaitingPolls(), 20);
      await polled;
      clearInterval(waking);
      await Promise.all(functions.map((lambda) => lambda.stop(graceMs)));
      await Promise.all(eventSources.map((source) => source.drained()));
      sqs.destroy();
      for (const file of logs) file.close();
    },
  };
}
