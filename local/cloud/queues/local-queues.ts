import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { startJsonServer } from '../json-server.ts';
import { ServiceError } from '../service-error.ts';
import type { QueueResource } from '../stack.ts';
import { LongPolls } from './long-polls.ts';
import type { Message, QueueCounts } from './message.ts';
import { MessageFile } from './message-file.ts';
import { queryError } from './query-error.ts';
import { DEFAULT_SETTINGS, Queue } from './queue.ts';
import { callOf } from './queue-calls.ts';

export interface LocalQueues {
  /** For example `http://127.0.0.1:41234`. */
  url: string;
  /** Creates the queues, or updates existing ones to exactly these attributes and keeps their messages. */
  apply(queues: readonly QueueResource[]): void;
  /** Resolves when the message is on disk. @throws Error when there is no such queue. */
  send(queueArn: string, body: string, groupId?: string): Promise<void>;
  /** Exact at this moment, by queue name. */
  counts(): Record<string, QueueCounts>;
  /** Answers all waiting long polls now, so none is open at the end. */
  answerWaitingPolls(): void;
  close(): Promise<void>;
}

/** SQS quotas: a call is 1 MiB at most; here with the additional JSON escapes. */
const GUARD = {
  maxBodyBytes: 4 * 1024 * 1024,
  body: 'whole',
  jsonType: 'application/x-amz-json-1.0',
} as const;

/** Starts SQS on 127.0.0.1, on a free port, with its messages in `dataDir`. */
export async function startQueues({ dataDir }: { dataDir: string }): Promise<LocalQueues> {
  const file = new MessageFile(dataDir);
  const polls = new LongPolls();
  const queues = new Map<string, Queue>();
  /** URLs and ARNs end in the queue's name. */
  const find = (address: string): Queue => {
    const queue = queues.get(/[^/:]+$/.exec(address)?.[0] ?? '');
    if (queue !== undefined) return queue;
    throw new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.');
  };
  const create = (name: string): Queue => {
    const queue = new Queue({
      name,
      now: Date.now,
      newMessageId: randomUUID,
      newReceiptHandle: ({ id }) => `${id}#${randomUUID()}`,
      store: file,
      onVisible: () => polls.wake(name),
    });
    queues.set(name, queue);
    for (const stored of file.ofQueue(name)) {
      const message = released(stored);
      if (message !== stored) file.update(name, message);
      queue.restore(message);
    }
    return queue;
  };
  const answer = async (target: string, input: object, response: ServerResponse): Promise<object> => {
    const operation = target.replace(/^AmazonSQS\./, '');
    const call = callOf(operation, input);
    const queue = find(call.queueUrl);
    const waitSeconds = call.waitSeconds ?? queue.settings.waitSeconds;
    const output =
      operation === 'ReceiveMessage'
        ? await polls.receive(queue, waitSeconds, response, () => call.answerOf(queue))
        : call.answerOf(queue);
    // No answer is sent before its writes are committed.
    await file.committed();
    return output;
  };
  const server = await startJsonServer({ guard: GUARD, answer, errorHeaders: queryError });

  return {
    url: server.url,
    apply(resources) {
      for (const { name } of resources) if (!queues.has(name)) create(name);
      for (const { name, visibilityTimeoutSeconds, delaySeconds, waitSeconds, redrive } of resources) {
        find(name).settings = {
          ...DEFAULT_SETTINGS,
          visibilityTimeoutSeconds,
          delaySeconds,
          waitSeconds,
          redrive: redrive && { ...redrive, deadLetters: find(redrive.deadLetterArn) },
        };
      }
    },
    async send(queueArn, body, groupId) {
      find(queueArn).send(body, { messageGroupId: groupId });
      await file.committed();
    },
    counts: () => Object.fromEntries(Array.from(queues, ([name, queue]) => [name, queue.counts()])),
    answerWaitingPolls: () => polls.endAll(),
    async close() {
      polls.endAll();
      await server.close();
      file.close();
    },
  };
}

/**
 * No consumer is alive when a host starts, so messages in flight become visible at once. A receive that the end of the
 * host interrupted does not count towards the dead-letter queue.
 */
function released(message: Message): Message {
  if (message.state !== 'inFlight') return message;
  const isCutShort = message.visibleAtMs > Date.now();
  return { ...message, state: 'visible', receiveCount: message.receiveCount - (isCutShort ? 1 : 0) };
}
