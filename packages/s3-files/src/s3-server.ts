import { mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { guardHandler, loopbackNameOf } from '@qure-dropoff/network-guard';
import { BodyFiles } from './body-files.ts';
import { listBuckets, requireBucketName } from './buckets.ts';
import { answerCors, type CorsOptions } from './cors.ts';
import { openDatabase } from './database.ts';
import { newRequestId, type S3Services, sendError } from './exchange.ts';
import { Journal, type ObjectCreated } from './journal.ts';
import { Notifier } from './notifier.ts';
import { ObjectTable } from './object-table.ts';
import { parseRequestAddress } from './request-address.ts';
import { bucketOperation, objectOperation } from './routes.ts';
import { asS3Error, notImplemented } from './s3-error.ts';
import { s3Guard } from './s3-guard.ts';
import { requireUnexpired } from './signature.ts';
import { UploadTable } from './upload-table.ts';

export type { CorsOptions, CorsRule } from './cors.ts';
export type { ObjectCreated } from './journal.ts';

export interface S3ServerOptions {
  /** The data directory; created if it is missing. One server at a time. */
  dataDir: string;
  /** 0: any free one. */
  port: number;
  /** Created at the start if they are missing. */
  buckets: readonly string[];
  /**
   * Called for every stored object, at least once, in any order, at most 16 calls in parallel. A rejection is retried
   * until it resolves, also after a restart.
   */
  notify?: (event: ObjectCreated) => Promise<void>;
  /** Buckets with notifications. @default all */
  notifyBuckets?: readonly string[];
  /** Which pages may use presigned links, and for what. @default none */
  cors?: CorsOptions;
}

export interface S3Server {
  /** `http://127.0.0.1:<port>` */
  url: string;
  port: number;
  /** Waits up to two seconds for open requests, then aborts them; undelivered notifications are kept. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const CLOSE_GRACE_MS = 2_000;
const NO_PAGES: CorsOptions = { origins: () => [], rules: {} };

/**
 * Starts the S3 server of the one-machine host: the calls of senders and of our functions, over files and SQLite, on
 * loopback only. Credentials are not checked.
 *
 * A successful write survives the death of the process at any moment, and so does its notification: object and journal
 * entry are one commit before the answer.
 *
 * @throws an error with `code` `EADDRINUSE` when the port is taken, `EBUSY` when the data directory is
 */
export async function startS3Server(options: S3ServerOptions): Promise<S3Server> {
  const server = createServer({
    // A large upload may take hours; Node would end it after five minutes.
    requestTimeout: 0,
    // Longer than the pauses that SDK clients make before they use a kept connection again.
    keepAliveTimeout: 65_000,
    noDelay: true,
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, HOST, resolve);
  });
  const { cors = NO_PAGES } = options;
  // There is no await before the handler is set, so no connection finds a server without it.
  let opened: ReturnType<typeof openServices>;
  try {
    opened = openServices(options);
  } catch (error) {
    server.close();
    throw error;
  }
  const { services, database } = opened;
  const underWay = new Set<Promise<void>>();
  server.on(
    'request',
    guardHandler(s3Guard(cors.origins), (request, response) => {
      const handled = handle(services, cors, request, response).finally(() => underWay.delete(handled));
      underWay.add(handled);
      return handled;
    }),
  );
  services.notifier?.wake();

  async function shutDown(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
    await closed;
    clearTimeout(cut);
    await Promise.all(underWay);
    await services.notifier?.stop();
    database.close();
  }
  let closing: Promise<void> | undefined;
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${HOST}:${port}`,
    port,
    close() {
      closing ??= shutDown();
      return closing;
    },
  };
}

function openServices({ dataDir, buckets, notify, notifyBuckets }: S3ServerOptions) {
  for (const bucket of buckets) requireBucketName(bucket);
  mkdirSync(dataDir, { recursive: true });
  const database = openDatabase(dataDir);
  try {
    const bodies = new BodyFiles(join(dataDir, 'bodies'));
    const journal = new Journal(database);
    const isNotified = (bucket: string) => notify !== undefined && (notifyBuckets?.includes(bucket) ?? true);
    const objects = new ObjectTable(database, journal, isNotified);
    bodies.removeOrphans(objects.bodyIds());
    for (const bucket of buckets) objects.addBucket(bucket, Date.now());
    const services: S3Services = {
      objects,
      uploads: new UploadTable(database),
      bodies,
      now: Date.now,
      ...(notify === undefined ? {} : { notifier: new Notifier(journal, notify) }),
    };
    return { services, database };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Never rejects: every failure becomes an S3 error document, or closes the connection. */
async function handle(
  services: S3Services,
  cors: CorsOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader('x-amz-request-id', newRequestId());
  try {
    const hostname = loopbackNameOf(request.headers.host, true) ?? '';
    const { bucket, key, query } = parseRequestAddress(request.url ?? '', hostname);
    if (answerCors(cors, bucket, request, response) === 'answered') return;
    requireUnexpired(query, services.now());
    adoptPresignedHeaders(request, query);
    if (bucket === undefined) {
      if (request.method !== 'GET') throw notImplemented('Anything but a list of the buckets');
      listBuckets(services, response);
    } else if (key === undefined) {
      await bucketOperation(request, query)(services, { bucket, query, request, response });
    } else {
      await objectOperation(request, query)(services, { bucket, key, query, request, response });
    }
  } catch (error) {
    sendError(request, response, asS3Error(error));
  }
}

/**
 * SDKs move `x-amz-…` headers into the query of the URLs that they sign; they mean the same there. Except checksums:
 * the JavaScript SDK signs that of an empty body, and S3 leaves those in the query unread
 * (https://github.com/localstack/localstack/issues/12169).
 */
function adoptPresignedHeaders(request: IncomingMessage, query: URLSearchParams): void {
  if (!query.has('X-Amz-Signature') && !query.has('Signature')) return;
  for (const [name, value] of query) {
    const header = name.toLowerCase();
    if (/^x-amz-(?!checksum-|sdk-checksum-|content-sha256$)/.test(header)) request.headers[header] ??= value;
  }
}
