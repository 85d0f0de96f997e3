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

/** The wait of a long poll; an idle queue costs one call in this time. */
const WAIT_SECONDS = 2;
/** How long the messages of a dead process stay invisible. */
const AFTER_EXIT_SECONDS = 3;
/** SQS returns at most this many messages at once. */
const RECEIVE_LIMIT = 10;
/** Lambda's limit is 6 MB of payload; ten more messages of 256 KB still fit on top of this. */
const GATHER_LIMIT_BYTES = 3 * 1024 * 1024;
const RETRY_AFTER_MS = 500;

export interface EventSourceOptions {
  mapping: EventSourceResource;
  queueUrl: string;
  sqs: SQSClient;
  lambda: LambdaFunction;
  /** Parallel batches of this queue, if the mapping allows as many. */
  maxConcurrency: number;
  /** A batch failed, or the queue did not answer. For people, without message content. */
  onProblem(message: string): void;
}

/**
 * Reads a queue for a function as Lambda's event source mapping does: batches by size and window, deletes processed
 * messages, and leaves the rest to the queue's visibility timeout and redrive policy.
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

  /** Receives no more messages; resolves when the open poll has been answered. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    // A queue with all batches running would not check before one of them has ended.
    this.#wake();
    await this.#loop;
  }

  /** Resolves when every batch received so far is finished. */
  async drained(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #poll(): Promise<void> {
    while (!this.#isStopping) {
      // A message is received only when a process is free: its visibility timeout starts then.
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
   * The window starts with the first message, as in Lambda. Received messages are processed even if a later call fails:
   * no other consumer gets them before their visibility timeout.
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

  /** If the function fails or dies, nothing is deleted: the messages are redelivered after the visibility timeout. */
  async #invoke(batch: readonly Message[]): Promise<void> {
    const { mapping, lambda } = this.#options;
    const response = await lambda.invoke(JSON.stringify(sqsEvent(batch, mapping.queueArn)));
    const ids = new Set(batch.map(({ MessageId: id }) => id ?? ''));
    const failed = mapping.reportsItemFailures ? failedItems(response, ids) : new Set<string>();
    if (failed === 'all') throw new Error('the response names unknown items or is malformed');
    await this.#delete(batch.filter(({ MessageId: id }) => !failed.has(id ?? '')));
  }

  /**
   * In Lambda the messages of a dead process wait for the visibility timeout, up to 15 minutes. On one machine a user
   * may kill processes, so their messages are redelivered soon.
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
