import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { buildApp } from 'fauxqs';
import { guardServer } from '../guard/guard.ts';
import type { GuardRules } from '../guard/guard-rules.ts';
import { type FauxqsStore, type FauxqsStores, loadFauxqsInternals } from './fauxqs-internals.ts';
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from './intrinsics.ts';
import { QueueJournal } from './queue-journal.ts';
import { localQueueUrl } from './resource-names.ts';
import type { QueueResource } from './stack.ts';

export interface QueueCounts {
  visible: number;
  inflight: number;
  delayed: number;
}

export interface LocalQueues {
  /** For example `http://127.0.0.1:41234`. */
  url: string;
  /** Makes the queues exist with exactly these attributes; messages of existing ones stay. */
  apply(queues: readonly QueueResource[]): void;
  /** Resolves when the message is on disk. @throws Error when there is no such queue. */
  send(queueArn: string, body: string): Promise<void>;
  /** Exact at this moment, by queue name. */
  counts(): Record<string, QueueCounts>;
  /** Answers all waiting long polls now, so that no poll is left hanging at the end. */
  answerWaitingPolls(): void;
  close(): Promise<void>;
}

/**
 * SQS quotas: a call is 1 MiB at most, here with what JSON escapes. fauxqs serves SNS to forms on the same port, which could put
 * any message into any queue.
 */
const GUARD: GuardRules = {
  maxBodyBytes: 4 * 1024 * 1024,
  body: 'whole',
  jsonType: 'application/x-amz-json-1.0',
};

/** Starts SQS on 127.0.0.1, on a free port, with its messages in `dataDir`. */
export async function startQueues({ dataDir }: { dataDir: string }): Promise<LocalQueues> {
  const { SqsStore, PersistenceManager, SnsStore, S3Store } = await loadFauxqsInternals();
  mkdirSync(dataDir, { recursive: true });
  const store = new SqsStore();
  // Empty: queue URLs carry 127.0.0.1 and not a sub-domain of localhost, which need not resolve.
  store.host = '';
  store.region = LOCAL_REGION;
  const stores = {
    sqsStore: store,
    snsStore: new SnsStore(),
    s3Store: new S3Store(),
  } as unknown as FauxqsStores;
  const app = buildApp({ logger: false, stores });
  const persistence = new PersistenceManager(dataDir);
  const journal = new QueueJournal(persistence);
  guardServer(app.server, GUARD);
  addHooks(app, store, journal);

  await app.listen({ port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  journal.rebaseUrls(url, LOCAL_ACCOUNT_ID);
  journal.releaseInflight(Date.now());
  // Before the store gets its persistence: loading must not write what it reads.
  persistence.loadSqsQueues(store);
  store.persistence = persistence;
  for (const queue of store.allQueues()) queue.persistence = persistence;

  return {
    url,
    apply(queues) {
      for (const { name, arn, attributes } of queues) {
        const existing = store.getQueueByName(name);
        if (existing !== undefined) existing.setAttributes(attributes);
        else store.createQueue(name, localQueueUrl(name, url), arn, {}).setAttributes(attributes);
      }
    },
    async send(queueArn, body) {
      const queue = store.getQueueByArn(queueArn);
      if (queue === undefined) throw new Error(`Expected a queue of the template, got ${queueArn}`);
      const delaySeconds = Number(queue.attributes.DelaySeconds ?? 0);
      queue.enqueue(SqsStore.createMessage(body, {}, delaySeconds > 0 ? delaySeconds : undefined));
      await journal.committed();
    },
    counts() {
      store.processAllTimers();
      return Object.fromEntries(
        Array.from(store.allQueues(), (queue) => [
          queue.name,
          {
            visible: queue.messages.length,
            inflight: queue.inflightMessages.size,
            delayed: queue.delayedMessages.length,
          },
        ]),
      );
    },
    answerWaitingPolls: () => store.shutdown(),
    async close() {
      await app.close();
      journal.close();
    },
  };
}

type App = ReturnType<typeof buildApp>;

function addHooks(app: App, store: FauxqsStore, journal: QueueJournal): void {
  // fauxqs serves S3 on the same port, in memory: nothing dropped there would be kept.
  app.addHook('onRequest', async (request, reply) => {
    if (request.url !== '/') await reply.code(404).send('Only SQS answers here.');
  });
  // Expired and delayed messages move only when somebody receives, so the counts would be stale.
  app.addHook('preHandler', async (request) => {
    if (request.headers['x-amz-target'] === 'AmazonSQS.GetQueueAttributes') store.processAllTimers();
  });
  // A client that has gone away must not take messages with it: they would be invisible for nothing.
  app.addHook('preSerialization', async (request, _reply, payload) => {
    if (!request.raw.socket.destroyed) return payload;
    const queue = store.getQueue((request.body as { QueueUrl?: string } | null)?.QueueUrl ?? '');
    const { Messages: messages = [] } = (payload ?? {}) as { Messages?: { ReceiptHandle: string }[] };
    for (const { ReceiptHandle: handle } of messages) {
      const entry = queue?.inflightMessages.get(handle);
      if (entry !== undefined) entry.message.approximateReceiveCount -= 1;
      queue?.changeVisibility(handle, 0);
    }
    return payload;
  });
  // No answer leaves before what it promises is written.
  app.addHook('onSend', async (_request, _reply, payload) => {
    await journal.committed();
    return payload;
  });
}
