import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DamagedInstanceError, unpackInstance } from '../../../functions/delivery/unpack-instance.ts';
import { unpackedBound } from '../../../functions/instances/unpacked-bound.ts';

const MIB = 1024 ** 2;
const SOP = '1.2.3.4';
/** Does not shrink, so that every cut of the stream loses some of it. */
const SCAN = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * at * 2_654_435_761) >>> 13));
const PACKED = gzipSync(SCAN);
const ZEROS = Buffer.alloc(9 * MIB);

function unpack(packed: Uint8Array | Readable, sizeBytes?: number): Promise<Buffer> {
  const body = packed instanceof Readable ? packed : Readable.from([Buffer.from(packed)]);
  const size = sizeBytes ?? (packed instanceof Readable ? 0 : packed.byteLength);
  return buffer(unpackInstance(body, { sopInstanceUid: SOP, sizeBytes: size }));
}

it.each([
  { what: 'a stream', packed: PACKED },
  { what: 'two streams, one behind the other', packed: Buffer.concat([gzipSync('a'), gzipSync('b')]) },
  { what: 'a stream with zeros behind it', packed: Buffer.concat([PACKED, Buffer.alloc(512)]) },
  { what: 'a slice of one value alone', packed: gzipSync(ZEROS.subarray(0, 2 * MIB)) },
])('unpacks $what', async ({ what, packed }) => {
  const unpacked = await unpack(packed);
  if (what.startsWith('two')) expect(unpacked.toString()).toBe('ab');
  else if (what.startsWith('a slice')) expect(unpacked.byteLength).toBe(2 * MIB);
  else expect(unpacked.equals(SCAN)).toBe(true);
});

describe('is damaged:', () => {
  it.each([
    { what: 'a stream without its end', packed: PACKED.subarray(0, -1) },
    { what: 'half a stream', packed: PACKED.subarray(0, PACKED.length / 2) },
    { what: 'a header alone', packed: PACKED.subarray(0, 12) },
    { what: 'another byte in the middle', packed: flipped(PACKED, PACKED.length / 2) },
    { what: 'another checksum', packed: flipped(PACKED, PACKED.length - 8) },
    { what: 'text behind the stream', packed: Buffer.concat([PACKED, Buffer.from('x'.repeat(MIB))]) },
    { what: 'a second stream that is none', packed: Buffer.concat([PACKED, Buffer.from([0x1f, 0x8b, 9])]) },
    { what: 'a second stream without its end', packed: Buffer.concat([PACKED, PACKED.subarray(0, 40)]) },
    { what: 'more than 200 times the object', packed: gzipSync(ZEROS) },
  ])('$what', async ({ packed }) => {
    await expect(unpack(packed)).rejects.toMatchObject({ name: 'DamagedInstanceError', sopInstanceUid: SOP });
  });
});

it.each([
  { sizeBytes: 300, bound: 8 * MIB },
  { sizeBytes: MIB, bound: 200 * MIB },
  { sizeBytes: 5 * MIB, bound: 1000 * MIB },
  { sizeBytes: 21 * MIB, bound: 4096 * MIB },
  { sizeBytes: 8192 * MIB, bound: 4096 * MIB },
])('an object of $sizeBytes bytes may unpack to $bound', ({ sizeBytes, bound }) => {
  expect(unpackedBound(sizeBytes)).toBe(bound);
});

describe('an answer of S3 that breaks off is no damage:', () => {
  it('with an error', async () => {
    async function* broken() {
      yield PACKED.subarray(0, 1000);
      throw new Error('aborted');
    }
    await expect(unpack(Readable.from(broken()), PACKED.length)).rejects.toThrow('aborted');
  });

  it('without an error', async () => {
    const cut = unpack(Readable.from([PACKED.subarray(0, 1000)]), PACKED.length);
    await expect(cut).rejects.not.toBeInstanceOf(DamagedInstanceError);
  });
});

it('destroys its input when the reader stops', async () => {
  const packed = Readable.from([PACKED]);
  const unpacked = unpackInstance(packed, { sopInstanceUid: SOP, sizeBytes: PACKED.length });
  unpacked.destroy();
  await new Promise((resolve) => unpacked.once('close', resolve));
  expect(packed.destroyed).toBe(true);
});

function flipped(bytes: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(bytes);
  const index = Math.floor(at);
  copy[index] = (copy[index] ?? 0) ^ 0xff;
  return copy;
}
