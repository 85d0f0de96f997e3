import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { AssetStream } from '../../../../functions/qure/client/asset-stream.ts';

const KIB = 1024;
const MAX_BYTES = 10_000 * KIB;

/** A host that sends a piece, and lets so many seconds go by before the next; nothing waits for real. */
function hostSending(pieces: readonly { bytes: number; thenSeconds: number }[]) {
  let nowMs = Date.parse('2026-03-01T08:00:00Z');
  async function* body() {
    for (const { bytes, thenSeconds } of pieces) {
      yield Buffer.alloc(bytes);
      nowMs += thenSeconds * 1000;
    }
  }
  return {
    body: Readable.from(body()),
    now: () => new Date(nowMs),
    passSeconds(seconds: number) {
      nowMs += seconds * 1000;
    },
  };
}

async function received(host: ReturnType<typeof hostSending>): Promise<number> {
  let bytes = 0;
  await pipeline(
    host.body,
    new AssetStream({ maxBytes: MAX_BYTES, now: host.now }),
    async (asset: AsyncIterable<Buffer>) => {
      for await (const chunk of asset) bytes += chunk.byteLength;
    },
  );
  return bytes;
}

const times = (count: number, piece: { bytes: number; thenSeconds: number }) =>
  Array.from({ length: count }, () => piece);

describe('a host may be slow, but not for long:', () => {
  it.each([
    ['one byte every two seconds', times(400, { bytes: 1, thenSeconds: 2 })],
    ['nearly enough', times(10, { bytes: 31 * KIB, thenSeconds: 15 })],
    [
      'a burst, then next to nothing',
      [{ bytes: 900 * KIB, thenSeconds: 31 }, ...times(40, { bytes: 9, thenSeconds: 2 })],
    ],
  ])('%s ends the download', async (_name, pieces) => {
    await expect(received(hostSending(pieces))).rejects.toMatchObject({ name: 'AssetTooSlowError' });
  });

  it.each([
    ['just enough', times(40, { bytes: 34 * KIB, thenSeconds: 15 })],
    [
      'a small asset with a late end',
      [
        { bytes: 100, thenSeconds: 20 },
        { bytes: 100, thenSeconds: 0 },
      ],
    ],
    ['a large piece now and then', times(5, { bytes: 70 * KIB, thenSeconds: 40 })],
  ])('%s is passed on', async (_name, pieces) => {
    const sent = pieces.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(await received(hostSending(pieces))).toBe(sent);
  });
});

describe('the time in which the reader pauses', () => {
  function unread(pieces: readonly number[]) {
    const clock = hostSending([]);
    const stream = new AssetStream({ maxBytes: MAX_BYTES, now: clock.now });
    const errors: string[] = [];
    stream.on('error', ({ name }) => errors.push(name));
    for (const bytes of pieces) stream.write(Buffer.alloc(bytes));
    clock.passSeconds(600);
    return { stream, errors };
  }
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('is not counted against the host', async () => {
    // As much as is kept for a reader, and the host has to wait.
    const { stream, errors } = unread([30 * KIB, 40 * KIB]);
    await settled();
    stream.resume();
    await settled();
    stream.write(Buffer.alloc(1));
    await settled();
    expect(errors).toEqual([]);
  });

  it('is counted against the host if the buffer had room', async () => {
    const { stream, errors } = unread([30 * KIB]);
    await settled();
    stream.resume();
    await settled();
    stream.write(Buffer.alloc(1));
    await settled();
    expect(errors).toEqual(['AssetTooSlowError']);
  });
});

it('ends an asset that is too large in an error', async () => {
  const host = hostSending(times(11, { bytes: 1000 * KIB, thenSeconds: 0 }));
  await expect(received(host)).rejects.toMatchObject({ name: 'AssetTooLargeError' });
});
