import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { buildApp } from 'fauxqs';

/**
 * The parts of fauxqs that its package does not export. `startFauxqs`, which it does export, listens on every
 * interface and keeps its stores to itself. Verified against exactly this version.
 */
export const FAUXQS_VERSION = '2.4.1';

export interface FauxqsMessage {
  messageId: string;
  approximateReceiveCount: number;
}

export interface FauxqsQueue {
  readonly name: string;
  readonly arn: string;
  attributes: Record<string, string>;
  messages: FauxqsMessage[];
  delayedMessages: FauxqsMessage[];
  inflightMessages: Map<string, { message: FauxqsMessage }>;
  persistence?: FauxqsPersistence;
  processTimers(): void;
  setAttributes(attributes: Record<string, string>): void;
  enqueue(message: FauxqsMessage): void;
  changeVisibility(receiptHandle: string, timeoutSeconds: number): void;
}

export interface FauxqsStore {
  host: string;
  region?: string;
  persistence?: FauxqsPersistence;
  createQueue(name: string, url: string, arn: string, attributes: Record<string, string>): FauxqsQueue;
  getQueue(url: string): FauxqsQueue | undefined;
  getQueueByName(name: string): FauxqsQueue | undefined;
  getQueueByArn(arn: string): FauxqsQueue | undefined;
  allQueues(): Iterable<FauxqsQueue>;
  processAllTimers(): void;
  /** Answers every waiting long poll now. */
  shutdown(): void;
}

export interface FauxqsPersistence {
  db: DatabaseSync;
  insertQueue(...args: unknown[]): void;
  updateQueueAttributes(...args: unknown[]): void;
  insertMessage(...args: unknown[]): void;
  deleteMessage(...args: unknown[]): void;
  updateMessageInflight(...args: unknown[]): void;
  updateMessageReady(messageId: string): void;
  deleteQueueMessages(...args: unknown[]): void;
  loadSqsQueues(store: FauxqsStore): void;
  close(): void;
}

export interface FauxqsInternals {
  SqsStore: {
    new (): FauxqsStore;
    createMessage(body: string, attributes?: object, delaySeconds?: number): FauxqsMessage;
  };
  PersistenceManager: new (dataDir: string) => FauxqsPersistence;
  SnsStore: new () => unknown;
  S3Store: new () => unknown;
}

export type FauxqsStores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;

export async function loadFauxqsInternals(): Promise<FauxqsInternals> {
  const manifest = findPackageJSON('fauxqs', import.meta.url);
  if (manifest === undefined) throw new Error('The package fauxqs is missing; run npm ci');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  if (version !== FAUXQS_VERSION) {
    throw new Error(
      `Expected fauxqs ${FAUXQS_VERSION}, whose internals are used, got ${version}; run npm ci`,
    );
  }
  const part = async (file: string): Promise<Partial<FauxqsInternals>> =>
    await import(pathToFileURL(join(dirname(manifest), 'dist', file)).href);
  const [{ SqsStore }, { PersistenceManager }, { SnsStore }, { S3Store }] = await Promise.all([
    part('sqs/sqsStore.js'),
    part('persistence.js'),
    part('sns/snsStore.js'),
    part('s3/s3Store.js'),
  ]);
  if (!SqsStore || !PersistenceManager || !SnsStore || !S3Store) {
    throw new Error(`fauxqs ${version} does not have the parts that the local cloud uses; run npm ci`);
  }
  return { SqsStore, PersistenceManager, SnsStore, S3Store };
}
