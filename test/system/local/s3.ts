import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startS3Server } from '@qure-dropoff/s3-files';

export const BUCKET = 'drop';

/** One request as it came over the wire. */
export interface SeenRequest {
  method: string;
  /** Decoded, without the bucket; empty for the bucket itself. */
  key: string;
}

export interface TestS3 {
  client: S3Client;
  /** Requests so far, in order of arrival; the caller may empty it. */
  requests: SeenRequest[];
  /** Sees each request before it is served; what it returns is waited for. Status: answer that instead. */
  before?: (request: SeenRequest) => Promise<number | undefined>;
  contentOf(key: string): Promise<Buffer>;
  close(): Promise<void>;
}

/** The host's own S3 server with one empty bucket, and before it a proxy that sees each request. */
export async function startTestS3(): Promise<TestS3> {
  const dataDir = mkdtempSync(join(tmpdir(), 'test-s3-'));
  const server = await startS3Server({ dataDir, port: 0, buckets: [BUCKET], notify: async () => undefined });
  const proxy = createServer(async (incoming, response) => {
    const { method = '', url = '', headers } = incoming;
    const path = decodeURIComponent(url.split('?', 1)[0] ?? '');
    const request = { method, key: path.replace(`/${BUCKET}`, '').replace(/^\//, '') };
    s3.requests.push(request);
    const status = await s3.before?.(request);
    if (status !== undefined) {
      incoming.resume();
      response.writeHead(status).end();
      return;
    }
    const outgoing = httpRequest(`${server.url}${url}`, { method, headers, agent: false });
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      pipeline(answer, response).catch(() => undefined);
    });
    // A side that breaks off breaks the other.
    pipeline(incoming, outgoing).catch(() => response.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    forcePathStyle: true,
    maxAttempts: 1,
  });
  const s3: TestS3 = {
    client,
    requests: [],
    async contentOf(key) {
      const object = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
      return Buffer.from((await object.Body?.transformToByteArray()) ?? []);
    },
    async close() {
      client.destroy();
      proxy.close();
      proxy.closeAllConnections();
      await server.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  return s3;
}
