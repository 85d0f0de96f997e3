import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Queues } from '../functions/series/messages.ts';
import { sqsEvent } from '../local/lambda/sqs-event.ts';
import { CallCounts, COUNTED } from './call-counts.ts';

export const STAGE_NAMES = ['index', 'completion', 'compute', 'results'] as const;
export type StageName = (typeof STAGE_NAMES)[number];
export type StageHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** SQS gives and deletes this many messages in one request at most. */
const MESSAGES_PER_REQUEST = 10;
const MINUTE_MS = 60_000;
const LAMBDA_MS = 15 * MINUTE_MS;
export const CONTEXT = { getRemainingTimeInMillis: () => LAMBDA_MS } as Context;
const QUEUE_ARN = 'arn:aws:sqs:us-east-1:000000000000:bench';

interface Waiting {
  stage: StageName;
  dueMs: number;
  body: string;
}

/**
 * Runs the stages' handlers one message after the other in a time of its own: a delay costs nothing, and nothing depends on
 * how fast the machine is. Counts invocations and what a queue's messages cost: for each batch its receives and deletes,
 * for each message its send.
 */
export class StageRunner {
  readonly counts: Readonly<Record<StageName, CallCounts>> = {
    index: new CallCounts(),
    completion: new CallCounts(),
    compute: new CallCounts(),
    results: new CallCounts(),
  };
  /** A whole minute: the index of due series changes with the minute, and a count must not depend on the second. */
  #nowMs = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS;
  #stage: StageName = 'index';
  #waiting: Waiting[] = [];

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Of the stage that is running. */
  get current(): CallCounts {
    return this.counts[this.#stage];
  }

  /** Sends are counted with the stage that makes them. */
  readonly queues: Queues = {
    sendCompletion: async (message, seconds) => this.#send('completion', message, seconds),
    sendCompute: async (message, seconds) => this.#send('compute', message, seconds),
    sendResults: async (message, seconds) => this.#send('results', message, seconds),
  };

  /** @throws Error when a message of the batch fails: a run that is counted must be a clean one */
  async invoke(stage: StageName, handler: StageHandler, event: SQSEvent): Promise<void> {
    this.#stage = stage;
    this.current.add(COUNTED.lambda);
    this.current.add(COUNTED.sqs, 2 * Math.ceil(event.Records.length / MESSAGES_PER_REQUEST));
    const { batchItemFailures } = await handler(event, CONTEXT);
    if (batchItemFailures.length > 0) {
      throw new Error(`expected no failures in ${stage}, got ${batchItemFailures.length}`);
    }
  }

  /** All messages that are due until then, the one that is due first first; with `Infinity`, until none is left. */
  async runUntil(
    untilMs: number,
    handlers: Readonly<Record<Exclude<StageName, 'index'>, StageHandler>>,
  ): Promise<void> {
    for (;;) {
      this.#waiting.sort((a, b) => a.dueMs - b.dueMs);
      const [next] = this.#waiting;
      if (next === undefined || next.dueMs > untilMs) break;
      this.#waiting.shift();
      if (next.stage === 'index') throw new Error('expected no stage to send to the ingest queue');
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      await this.invoke(
        next.stage,
        handlers[next.stage],
        sqsEvent([{ MessageId: 'message', Body: next.body }], QUEUE_ARN),
      );
    }
    if (untilMs !== Infinity) this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  #send(stage: StageName, message: object, delaySeconds: number): void {
    this.current.add(COUNTED.sqs);
    this.#waiting.push({ stage, dueMs: this.#nowMs + delaySeconds * 1000, body: JSON.stringify(message) });
  }
}
