import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { putByLink, UnreadableContentError } from '../../../cli/drop/put-by-link.ts';

const MIB = 1024 * 1024;
/** Of sockets on loopback: a server that reads nothing takes so much at most. */
const SOCKET_BYTES = 32 * MIB;

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function linkTo(listener: RequestListener): Promise<string> {
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}/`;
}

/** Says how much of it was read. */
function contentOf(sizeBytes: number, announcedBytes = sizeBytes) {
  const content = {
    sizeBytes: announcedBytes,
    readBytes: 0,
    open: async () => Readable.from(chunks(), { objectMode: false }),
  };
  function* chunks() {
    for (let left = sizeBytes; left > 0; left -= MIB) {
      content.readBytes += Math.min(MIB, left);
      yield Buffer.alloc(Math.min(MIB, left));
    }
  }
  return content;
}

const noSignal = new AbortController().signal;

describe('a file by a link', () => {
  test('is read no faster than it is taken, and given up where nothing of it is taken on', async () => {
    const content = contentOf(2048 * MIB);
    const url = await linkTo(() => {});
    await expect(putByLink(url, content, noSignal, 300)).rejects.toThrow('got nothing for 0.3 s');
    expect(content.readBytes).toBeLessThan(SOCKET_BYTES);
  });

  test('is not stored by an answer that comes before its end', async () => {
    const url = await linkTo((request, response) => {
      request.on('error', () => {});
      response.end();
    });
    for (let turn = 0; turn < 20; turn += 1)
      await expect(putByLink(url, contentOf(64 * MIB), noSignal)).rejects.toThrow('got 200 before its end');
  });

  test('that gives nothing ends with the command', async () => {
    const url = await linkTo((request) => request.on('error', () => {}));
    const stuck = { sizeBytes: MIB, open: async () => new Readable({ read() {} }) };
    const ended = new AbortController();
    setTimeout(() => ended.abort(), 100);
    await expect(putByLink(url, stuck, ended.signal)).rejects.toThrow(/abort/i);
  });

  test.each([
    ['shorter', 2 * MIB, 3 * MIB],
    ['longer', 3 * MIB, 2 * MIB],
  ])(
    'is unreadable where it is %s than it was, and never arrives as a whole one',
    async (_what, sizeBytes, announced) => {
      let whole = 0;
      const url = await linkTo((request, response) => {
        request.on('error', () => {}).resume();
        request.on('end', () => {
          whole += 1;
          response.end();
        });
      });
      await expect(putByLink(url, contentOf(sizeBytes, announced), noSignal)).rejects.toThrow(
        UnreadableContentError,
      );
      // When all connections have ended.
      await new Promise((resolve) => server?.close(resolve));
      expect(whole).toBe(0);
    },
  );

  test('is unreadable where it cannot be opened', async () => {
    const content = { sizeBytes: 1, open: () => Promise.reject(new Error('EACCES')) };
    await expect(putByLink('http://127.0.0.1:1/', content, noSignal)).rejects.toThrow(UnreadableContentError);
  });

  test('has the status of an answer that comes before its end', async () => {
    const url = await linkTo((_request, response) => response.writeHead(403).end());
    expect(await putByLink(url, contentOf(64 * MIB), noSignal)).toBe(403);
  });

  test('ends with its signal', async () => {
    const stop = new AbortController();
    const url = await linkTo(() => stop.abort());
    await expect(putByLink(url, contentOf(64 * MIB), stop.signal)).rejects.toThrow('abort');
  });
});
