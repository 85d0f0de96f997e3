import { randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import {
  credentialsFor,
  startClient,
  startRawServer,
  startServer,
  startTcpServer,
  stopAll,
} from './qure-server.ts';
import { endless, fileOf, options, receiptFor } from './upload-files.ts';

afterEach(stopAll);

describe('uploadInstances on the wire', () => {
  const first = randomBytes(70_000);
  const second = Buffer.from('\r\n--not the boundary--\r\n');
  const expectedBody = (boundary: string) =>
    Buffer.concat([
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="file_0"; filename="1.2.3.1.dcm"\r\n` +
          'Content-Type: application/dicom\r\n\r\n',
      ),
      first,
      Buffer.from(
        `\r\n--${boundary}\r\nContent-Disposition: form-data; name="file_1"; filename="1.2.3.2.dcm"\r\n` +
          'Content-Type: application/dicom\r\n\r\n',
      ),
      second,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]);

  it.each([
    ['with Content-Length when every size is known', second.byteLength, true],
    ['chunked when a size is not known', Number.NaN, false],
  ])('sends each file byte for byte, %s', async (_name, secondSize, isLengthKnown) => {
    const { port, seen } = await startServer((_request, response) =>
      response.end(receiptFor('file_0', 'file_1')),
    );
    const outcome = await startClient().uploadInstances(
      credentialsFor(port, '/prefix/'),
      [fileOf(first, '1.2.3.1.dcm'), fileOf(second, '1.2.3.2.dcm', secondSize)],
      options,
    );
    expect(outcome).toEqual({
      kind: 'receipt',
      registered: ['file_0', 'file_1'],
      notRegistered: [],
      licenseExpired: false,
      instancesAtQure: 2,
    });
    expect(seen).toHaveLength(1);
    const [request] = seen;
    const boundary = /^multipart\/form-data; boundary=([A-Za-z0-9-]{20,70})$/.exec(
      `${request?.headers['content-type']}`,
    )?.[1];
    const body = expectedBody(`${boundary}`);
    expect(request?.body.equals(body)).toBe(true);
    expect(request).toMatchObject({ method: 'POST', url: '/prefix/studies/' });
    expect(request?.headers).toMatchObject({
      authorization: 'Token token-of-the-tests',
      source: 'workspace-1',
      'user-agent': 'qure-dropoff/0.0.0-test',
      accept: 'application/json',
      ...(isLengthKnown ? { 'content-length': `${body.byteLength}` } : { 'transfer-encoding': 'chunked' }),
    });
    expect('content-length' in (request?.headers ?? {})).toBe(isLengthKnown);
  });

  it('holds back the source when the server does not read', async () => {
    let producedBytes = 0;
    const total = 96 * 1024 * 1024;
    const chunk = Buffer.alloc(64 * 1024);
    const source = new Readable({
      read() {
        producedBytes += chunk.byteLength;
        this.push(producedBytes <= total ? chunk : null);
      },
    });
    let resume = () => {};
    const paused = new Promise<void>((resolve) => {
      resume = resolve;
    });
    let receivedBytes = 0;
    let hasBegun = false;
    const { port } = await startRawServer(async (request, response) => {
      hasBegun = true;
      await paused;
      for await (const part of request) {
        receivedBytes += part.length;
      }
      response.end(receiptFor('file_0'));
    });
    const file = { fileName: '1.dcm', sizeBytes: total, open: async () => source };
    const uploading = startClient().uploadInstances(credentialsFor(port), [file], options);
    // Until the sockets' buffers are full. Client and server share this process: turns of its loop tell, whatever time they take.
    for (let turnsWithoutBytes = 0; turnsWithoutBytes < 100; ) {
      const before = producedBytes;
      await new Promise((resolve) => setTimeout(resolve, 1));
      turnsWithoutBytes = hasBegun && producedBytes === before ? turnsWithoutBytes + 1 : 0;
    }
    expect(producedBytes).toBeLessThan(total / 2);
    resume();
    expect(await uploading).toMatchObject({ kind: 'receipt', registered: ['file_0'] });
    expect(receivedBytes).toBeGreaterThan(total);
  });
});

describe('uploadInstances and its time limits', () => {
  it('gives up where the server no longer takes the body', async () => {
    const source = endless();
    const { port } = await startTcpServer((socket) => socket.once('data', () => socket.pause()));
    const file = { fileName: '1.dcm', open: async () => source };
    const client = startClient({ uploadHeadersTimeoutMs: 200 });
    const outcome = await client.uploadInstances(credentialsFor(port), [file], options);
    expect(outcome).toEqual({ kind: 'transient', cause: 'HEADERS_TIMEOUT' });
    expect(source.destroyed).toBe(true);
  });

  it('waits for a file that comes slowly: that is not the doing of the server', async () => {
    const { port } = await startServer((_request, response) => response.end(receiptFor('file_0')));
    const source = new PassThrough();
    source.write('half of it, ');
    setTimeout(() => source.end('and the rest'), 700);
    const file = { fileName: '1.dcm', open: async () => source };
    const client = startClient({ uploadHeadersTimeoutMs: 200 });
    const outcome = await client.uploadInstances(credentialsFor(port), [file], options);
    expect(outcome).toMatchObject({ kind: 'receipt', registered: ['file_0'] });
  });
});

describe('uploadInstances and answers before the end', () => {
  it.each([
    [401, 'auth_rejected'],
    [403, 'source_denied'],
    [413, 'too_large'],
    [503, 'transient'],
  ])('reads an early %i on a connection kept open', async (status, kind) => {
    const source = endless();
    const { port } = await startRawServer((request, response) => {
      response.writeHead(status, { 'Content-Type': 'text/plain' }).end('early');
      request.resume();
    });
    const file = { fileName: '1.dcm', open: async () => source };
    expect(await startClient().uploadInstances(credentialsFor(port), [file], options)).toMatchObject({
      kind,
    });
    expect(source.destroyed).toBe(true);
  });

  it('reads an early 401 whose connection is closed behind it', async () => {
    const { port } = await startTcpServer((socket) => {
      socket.once('data', () =>
        socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}'),
      );
    });
    const file = { fileName: '1.dcm', open: async () => endless() };
    const outcome = await startClient().uploadInstances(credentialsFor(port), [file], options);
    expect(outcome).toEqual({ kind: 'auth_rejected' });
  });

  it('ends the connection of a request that was answered early, whatever its file waits for', async () => {
    let ended = () => {};
    const end = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const { port } = await startTcpServer((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}'));
      socket.once('close', ended);
    });
    const file = { fileName: '1.dcm', open: () => new Promise<Readable>(() => {}) };
    const outcome = await startClient().uploadInstances(credentialsFor(port), [file], options);
    expect(outcome).toEqual({ kind: 'auth_rejected' });
    await end;
  });

  it('takes an early 401 by its status when its body is cut off', async () => {
    const { port } = await startTcpServer((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 401 Unauthorized\r\nContent-Length: 200\r\n\r\n{"mess', () => socket.end());
      });
    });
    const file = { fileName: '1.dcm', open: async () => endless() };
    const outcome = await startClient().uploadInstances(credentialsFor(port), [file], options);
    expect(outcome).toEqual({ kind: 'auth_rejected' });
  });

  it('ignores a success that comes before everything was sent', async () => {
    const source = new PassThrough();
    source.write('half of a file');
    const { port } = await startRawServer((_request, response) => response.end(receiptFor('file_0')));
    const file = { fileName: '1.dcm', sizeBytes: 100, open: async () => source };
    const outcome = await startClient().uploadInstances(credentialsFor(port), [file], options);
    expect(outcome).toEqual({ kind: 'transient', cause: 'answered_before_sent' });
    expect(source.destroyed).toBe(true);
  });

  it('reports a reset in the middle of the body as transient, and destroys the source', async () => {
    const source = endless();
    const { port } = await startTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const file = { fileName: '1.dcm', open: async () => source };
    const outcome = await startClient().uploadInstances(credentialsFor(port), [file], options);
    expect(outcome).toEqual({
      kind: 'transient',
      cause: expect.stringMatching(/^(ECONNRESET|EPIPE)$/),
    });
    expect(source.destroyed).toBe(true);
  });
});
