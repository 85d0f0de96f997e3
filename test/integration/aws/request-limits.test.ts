import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { REQUEST_LIMITS } from '../../../functions/aws/request-limits.ts';
import { createDirectTable } from '../../../functions/aws/table/direct-table.ts';
import { causeOf } from '../../../functions/shared/dead-letter-cause.ts';

/** The opposite of the assumption `aws-answers-every-request`, over real sockets. */
const LIMITS = { ...REQUEST_LIMITS, requestTimeout: 300, socketTimeout: 300 };

async function clientOptions(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: LIMITS,
    maxAttempts: 2,
  };
}

describe('a request of the AWS SDK', () => {
  it('that is never answered is sent again, and then fails as a network error', async () => {
    let requests = 0;
    const options = await clientOptions(() => {
      requests += 1;
    });
    const client = createDirectTable(new DynamoDBClient(options));
    const failure: unknown = await client
      .send(new GetCommand({ TableName: 't', Key: { pk: 'a' } }))
      .catch((error: unknown) => error);
    expect(causeOf(failure)).toBe('network');
    expect(requests).toBe(2);
  });

  it('is answered by the second try, where the first was not', async () => {
    let requests = 0;
    const options = await clientOptions((request, response) => {
      requests += 1;
      if (requests > 1) request.resume().on('end', () => response.end('{}'));
    });
    const client = createDirectTable(new DynamoDBClient(options));
    expect(await client.send(new GetCommand({ TableName: 't', Key: { pk: 'a' } }))).not.toHaveProperty(
      'Item',
    );
    expect(requests).toBe(2);
  });

  it('whose object stops in its middle fails as a network error', async () => {
    const options = await clientOptions((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('the beginning');
    });
    const s3 = new S3Client({ ...options, forcePathStyle: true });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
    const failure: unknown = await (Body as Readable).toArray().catch((error: unknown) => error);
    expect(causeOf(failure)).toBe('network');
  });
});
