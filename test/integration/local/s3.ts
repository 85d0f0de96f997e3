import type { AddressInfo } from 'node:net';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { buildApp } from 'fauxqs';

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

/** An S3 server in memory, on 127.0.0.1, with one empty bucket. */
export async function startTestS3(): Promise<TestS3> {
  const app = buildApp({ logger: false });
  const requests: SeenRequest[] = [];
  app.addHook('onRequest', async (incoming, reply) => {
    const path = decodeURIComponent(incoming.url.split('?', 1)[0] ?? '');
    const request = { method: incoming.method, key: path.replace(`/${BUCKET}`, '').replace(/^\//, '') };
    requests.push(request);
    const status = await s3.before?.(request);
    if (status !== undefined) await reply.code(status).send('');
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    forcePathStyle: true,
    maxAttempts: 1,
  });
  const s3: TestS3 = {
    client,
    requests,
    async contentOf(key) {
      const object = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
      return Buffer.from((await object.Body?.transformToByteArray()) ?? []);
    },
    async close() {
      client.destroy();
      await app.close();
    },
  };
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  requests.length = 0;
  return s3;
}
