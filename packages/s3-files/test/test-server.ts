import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { type CorsOptions, type ObjectCreated, type S3Server, startS3Server } from '../src/s3-server.ts';

export const BUCKET = 'drop';

export interface TestServer {
  server: S3Server;
  client: S3Client;
  events: ObjectCreated[];
  dataDir: string;
  /** The number of files that hold contents. */
  countBodies: () => Promise<number>;
  stop: () => Promise<void>;
}

export async function startTestServer(cors?: CorsOptions): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'qure-dropoff-s3-'));
  const events: ObjectCreated[] = [];
  const server = await startS3Server({
    dataDir,
    port: 0,
    buckets: [BUCKET, 'results'],
    notifyBuckets: [BUCKET],
    notify: async (event) => void events.push(event),
    ...(cors && { cors }),
  });
  const client = clientFor(server.url);
  return {
    server,
    client,
    events,
    dataDir,
    countBodies: async () => (await readdir(join(dataDir, 'bodies'), { recursive: true })).length - 256,
    stop: async () => {
      client.destroy();
      await server.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

export function clientFor(endpoint: string): S3Client {
  return new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
}

/** The error code and status of a call that is expected to fail. */
export async function failureOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return `${$metadata?.httpStatusCode} ${name}`;
  }
  return 'no failure';
}

/** Status and error code of a plain HTTP request. */
export async function ask(url: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(url, init);
  const code = /<Code>(.*?)<\/Code>/.exec(await response.text())?.[1];
  return code === undefined ? String(response.status) : `${response.status} ${code}`;
}
