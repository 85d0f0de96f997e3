import { setTimeout as sleep } from 'node:timers/promises';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { EventSourceResource } from '../cloud/stack.ts';
import { failedItems } from './batch-response.ts';
import { FunctionError } from './function-error.ts';
import type { LambdaFunction } from './function-host.ts';
import { sqsEvent } from './sqs-event.ts';

/** A long poll waits so long; an idle queue costs one call in that time. */
const WAIT_SECONDS = 2;
/** A process that died leaves its messages invisible for so long. */
const AFTER_EXIT_SECONDS = 3;
/** SQS gives at most this many messages at once. */
const RECEIVE_LIMIT = 10;
/** Lambda's limit is 6 MB of payload; ten more messages of 256 KB still fit on top of this. */
const GATHER_LIMIT_BYTES = 3 * 1024 * 1024;
const RETRY_AFTER_MS = 500;

export interface EventSourceOptions {
  mapping: EventSourceResource;
  queueUrl: string;
  sqs: SQSClient;
  lambda: LambdaFunction;
  /** Batches of this queue at once, where the mapping allows as many. */
  maxConcurrency: number;
  /** A batch failed, or the queue did not answer. For people, without any content of messages. */
  onProblem(message: string): void;
}

/**
 * Reads a queue for a function as Lambda's event source mapping does: batches by size and window, deletes what
 * was worked on, and leaves the rest to the queue's visibility timeout and redrive policy.
 */
export class EventSource {
  readonly #options: EventSourceOptions;
  readonly #maxConcurrency: number;
  readonly #running = new Set<Promise<void>>();
  readonly #loop: Promise<void>;
  #isStopping = false;
  /** Ends the wait for a free process. */
  #wake: () => void = () => {};

  constructor(options: EventSourceOptions) {
    this.#options = options;
    const { mapping, maxConcurrency } = options;
    this.#maxConcurrency = Math.min(mapping.maximumConcurrency ?? Number.POSITIVE_INFINITY, maxConcurrency);
    this.#loop = this.#poll();
  }

  /** Takes no more messages; resolves when the poll under way has been answered. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    // A queue whose batches all run would not look before one of them has ended.
    this.#wake();
    await this.#loop;
  }

  /** Resolves when every batch taken so far is dealt with. */
  async drained(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #poll(): Promise<void> {
    while (!this.#isStopping) {
      // A message is taken only when a process is free for it: its visibility timeout runs from then on.
      if (this.#running.size >= this.#maxConcurrency) {
        const woken = Promise.withResolvers<void>();
        this.#wake = woken.resolve;
        await Promise.race([woken.promise, ...this.#running]);
        continue;
      }
      try {
        const batch = await this.#gather();
        if (batch.length > 0) this.#work(batch);
      } catch (error) {
        if (this.#isStopping) return;
        this.#tellUnreceived(error);
        await sleep(RETRY_AFTER_MS);
      }
    }
  }

  #tellUnreceived(error: unknown): void {
    this.#options.onProblem(`cannot receive: ${error instanceof Error ? error.message : String(error)}`);
  }

  /**
   * The window runs from the first message on, as in Lambda. What was gathered is handed out though a later call fails: nobody
   * else sees these messages before their visibility timeout.
   */
  async #gather(): Promise<Message[]> {
    const { batchSize, windowSeconds } = this.#options.mapping;
    const batch = await this.#receive(batchSize, WAIT_SECONDS);
    const endMs = performance.now() + windowSeconds * 1000;
    let sizeBytes = bytesOf(batch);
    while (
      batch.length > 0 &&
      batch.length < batchSize &&
      sizeBytes < GATHER_LIMIT_BYTES &&
      !this.#isStopping
    ) {
      const leftSeconds = (endMs - performance.now()) / 1000;
      if (leftSeconds <= 0) break;
      const more = await this.#receive(batchSize - batch.length, Math.min(leftSeconds, WAIT_SECONDS)).catch(
        (error: unknown) => {
          if (!this.#isStopping) this.#tellUnreceived(error);
          return undefined;
        },
      );
      if (more === undefined) break;
      batch.push(...more);
      sizeBytes += bytesOf(more);
    }
    return batch;
  }

  async #receive(limit: number, waitSeconds: number): Promise<Message[]> {
    const { Messages: messages } = await this.#options.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: this.#options.queueUrl,
        MaxNumberOfMessages: Math.min(limit, RECEIVE_LIMIT),
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    return messages ?? [];
  }

  #work(batch: readonly Message[]): void {
    const task = this.#invoke(batch)
      .catch(async (error: unknown) => {
        // Also while it was still starting.
        const hasDied = error instanceof FunctionError && error.errorType === 'Runtime.ExitError';
        if (hasDied) await this.#giveBack(batch);
        this.#options.onProblem(`batch failed: ${error instanceof Error ? error.message : String(error)}`);
      })
      .finally(() => this.#running.delete(task));
    this.#running.add(task);
  }

  /** When the function fails or dies, nothing is deleted: the messages come again after the visibility timeout. */
  async #invoke(batch: readonly Message[]): Promise<void> {
    const { mapping, lambda } = this.#options;
    const response = await lambda.invoke(JSON.stringify(sqsEvent(batch, mapping.queueArn)));
    const ids = new Set(batch.map(({ MessageId: id }) => id ?? ''));
    const failed = mapping.reportsItemFailures ? failedItems(response, ids) : new Set<string>();
    if (failed === 'all') throw new Error('the response names unknown items or is malformed');
    await this.#delete(batch.filter(({ MessageId: id }) => !failed.has(id ?? '')));
  }

  /**
   * Lambda leaves the messages of a process that died to the visibility timeout, up to 15 minutes. Its processes are not
   * killed by somebody who cleans up a laptop; here that happens, so they come again soon.
   */
  async #giveBack(messages: readonly Message[]): Promise<void> {
    for (let start = 0; start < messages.length; start += RECEIVE_LIMIT) {
      const entries = messages.slice(start, start + RECEIVE_LIMIT);
      await this.#options.sqs.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: this.#options.queueUrl,
          Entries: entries.map(({ ReceiptHandle: handle }, i) => ({
            Id: String(i),
            ReceiptHandle: handle,
            VisibilityTimeout: AFTER_EXIT_SECONDS,
          })),
        }),
      );
    }
  }

  async #delete(messages: readonly Message[]): Promise<void> {
    const requests: Promise<unknown>[] = [];
    for (let start = 0; start < messages.length; start += RECEIVE_LIMIT) {
      const entries = messages.slice(start, start + RECEIVE_LIMIT);
      requests.push(
        this.#options.sqs.send(
          new DeleteMessageBatchCommand({
            QueueUrl: this.#options.queueUrl,
            Entries: entries.map(({ ReceiptHandle: handle }, i) => ({
              Id: String(i),
              ReceiptHandle: handle,
            })),
          }),
        ),
      );
    }
    await Promise.all(requests);
  }
}

function bytesOf(messages: readonly Message[]): number {
  return messages.reduce((sum, { Body: body }) => sum + Buffer.byteLength(body ?? ''), 0);
}
