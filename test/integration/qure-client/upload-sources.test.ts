import { PassThrough, Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import type { UploadFile } from '../../../functions/qure/client/multipart.ts';
import { credentialsFor, startClient, startRawServer, startServer, stopAll } from './qure-server.ts';
import { endless, fileOf, options, receiptFor } from './upload-files.ts';

afterEach(stopAll);

describe('uploadInstances and its sources', () => {
  const broken = new Error('object is gone');
  const coded = Object.assign(new Error('connection to the store was cut'), { code: 'ECONNRESET' });
  const bytes = Buffer.alloc(1000, 7);
  const failing = (error: Error) => async () =>
    Readable.from(
      (async function* () {
        yield bytes;
        throw error;
      })(),
    );
  const rows: [string, UploadFile, object][] = [
    [
      'cannot be opened',
      { fileName: '2.dcm', sizeBytes: 1000, open: () => Promise.reject(broken) },
      { kind: 'source_failed', fieldName: 'file_1', error: broken },
    ],
    [
      'breaks',
      { fileName: '2.dcm', sizeBytes: 2000, open: failing(broken) },
      { kind: 'source_failed', fieldName: 'file_1', error: broken },
    ],
    [
      'breaks with the code of a network error',
      { fileName: '2.dcm', open: failing(coded) },
      { kind: 'source_failed', fieldName: 'file_1', error: coded },
    ],
    [
      'breaks before its turn',
      { fileName: '2.dcm', sizeBytes: 1000, open: async () => new PassThrough().destroy(broken) },
      { kind: 'source_failed', fieldName: 'file_1', error: broken },
    ],
    [
      'yields text',
      { fileName: '2.dcm', open: async () => Readable.from(['text']) },
      { kind: 'source_failed', fieldName: 'file_1', error: expect.any(TypeError) },
    ],
    [
      'is shorter than announced',
      fileOf(bytes, '2.dcm', 1001),
      { kind: 'source_changed', fieldName: 'file_1', expectedBytes: 1001, receivedBytes: 1000 },
    ],
    [
      'is longer than announced',
      fileOf(bytes, '2.dcm', 999),
      { kind: 'source_changed', fieldName: 'file_1', expectedBytes: 999, receivedBytes: 1000 },
    ],
    [
      'goes on without end',
      { fileName: '2.dcm', sizeBytes: 1000, open: async () => endless(700) },
      { kind: 'source_changed', fieldName: 'file_1', expectedBytes: 1000, receivedBytes: expect.any(Number) },
    ],
  ];
  // Once with a Content-Length for the whole request, once chunked.
  const firsts = [fileOf(bytes, '1.dcm'), fileOf(bytes, '1.dcm', Number.NaN)];

  it.each(
    rows.flatMap(([name, file, expected]) => firsts.map((first) => [name, first, file, expected] as const)),
  )('%s: the server gets no whole request', async (_name, first, file, expected) => {
    const { port, seen } = await startServer((_request, response) =>
      response.end(receiptFor('file_0', 'file_1')),
    );
    const outcome = await startClient().uploadInstances(credentialsFor(port), [first, file], options);
    expect(outcome).toEqual(expected);
    expect(seen.filter((request) => request.isWhole)).toEqual([]);
  });

  it.each([
    { name: 'while a small file is sent', sizeBytes: 1000, isOpenedBefore: true },
    { name: 'after a large one', sizeBytes: 1024 * 1024 + 1, isOpenedBefore: false },
    { name: 'after one of unknown size', sizeBytes: undefined, isOpenedBefore: false },
  ])('opens a file $name', async ({ sizeBytes, isOpenedBefore }) => {
    const { port } = await startServer((_request, response) => response.end(receiptFor('file_0', 'file_1')));
    let isSecondOpen = false;
    let wasSecondOpen: boolean | undefined;
    const first = {
      ...fileOf(Buffer.alloc(sizeBytes ?? 1000), '1.dcm', sizeBytes ?? Number.NaN),
      open: async () =>
        Readable.from(
          (async function* () {
            yield Buffer.alloc(500);
            await new Promise((resolve) => setImmediate(resolve));
            wasSecondOpen = isSecondOpen;
            yield Buffer.alloc((sizeBytes ?? 1000) - 500);
          })(),
        ),
    };
    const second = {
      ...fileOf(bytes, '2.dcm'),
      async open() {
        isSecondOpen = true;
        return Readable.from([bytes]);
      },
    };
    const outcome = await startClient().uploadInstances(credentialsFor(port), [first, second], options);
    expect(outcome).toMatchObject({ kind: 'receipt', registered: ['file_0', 'file_1'] });
    expect(wasSecondOpen).toBe(isOpenedBefore);
  });

  it('destroys a file that waits for its turn when the one before it breaks', async () => {
    const { port } = await startServer((_request, response) => response.end());
    const waiting = new PassThrough();
    const first = { fileName: '1.dcm', sizeBytes: 2000, open: failing(broken) };
    const second = { fileName: '2.dcm', sizeBytes: 1000, open: async () => waiting };
    const outcome = await startClient().uploadInstances(credentialsFor(port), [first, second], options);
    expect(outcome).toMatchObject({ kind: 'source_failed', fieldName: 'file_0' });
    expect(waiting.destroyed).toBe(true);
  });

  it.each([
    ['aborted', (controller: AbortController) => ({ signal: controller.signal })],
    ['deadline', () => ({ deadline: new Date(Date.now() + 300) })],
  ])('ends a source that delivers no bytes: %s', async (cause, limitsOf) => {
    const source = new PassThrough();
    source.write('the beginning');
    const controller = new AbortController();
    const { port } = await startRawServer((request) => {
      request.once('data', () => controller.abort());
    });
    let isOpened = false;
    const open = async () => {
      isOpened = true;
      return source;
    };
    const file = { fileName: '1.dcm', open };
    const outcome = await startClient().uploadInstances(credentialsFor(port), [file], {
      ...options,
      ...limitsOf(controller),
    });
    expect(outcome).toEqual({ kind: 'transient', cause });
    // On a very slow machine the deadline may come before the source's turn.
    expect(source.destroyed).toBe(isOpened);
  });

  it('does not open anything when the deadline has passed', async () => {
    const { port, seen } = await startServer((_request, response) => response.end());
    const file = { fileName: '1.dcm', open: () => Promise.reject(new Error('opened')) };
    const outcome = await startClient().uploadInstances(credentialsFor(port), [file], {
      ...options,
      deadline: new Date(0),
    });
    expect(outcome).toEqual({ kind: 'transient', cause: 'deadline' });
    expect(seen).toEqual([]);
  });

  it('destroys a source that opens only after the request has ended', async () => {
    let finishOpening = (_source: Readable) => {};
    const opening = new Promise<Readable>((resolve) => {
      finishOpening = resolve;
    });
    const { port } = await startRawServer((_request, response) => response.writeHead(401).end());
    const file = { fileName: '1.dcm', open: () => opening };
    const outcome = await startClient().uploadInstances(credentialsFor(port), [file], options);
    const late = new PassThrough();
    finishOpening(late);
    await new Promise((resolve) => late.once('close', resolve));
    expect(outcome).toEqual({ kind: 'auth_rejected' });
  });

  it.each([
    ['no files', []],
    [
      'the same field name twice',
      [
        { ...fileOf(bytes, '1.dcm'), fieldName: 'a' },
        { ...fileOf(bytes, '2.dcm'), fieldName: 'a' },
      ],
    ],
    ['a file name that ends the header', [fileOf(bytes, '1.dcm"\r\nX: y')]],
  ])('throws for %s', async (_name, files) => {
    await expect(startClient().uploadInstances(credentialsFor(9), files, options)).rejects.toThrow(TypeError);
  });
});
