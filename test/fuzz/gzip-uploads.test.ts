import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DamagedInstanceError, unpackInstance } from '../../functions/delivery/unpack-instance.ts';
import { unpackedBound } from '../../functions/instances/unpacked-bound.ts';
import { FUZZ_TIMEOUT_MS, fuzzRuns } from './support/fuzz-runs.ts';

type Damage =
  | { kind: 'cut'; at: number }
  | { kind: 'bit'; at: number; bit: number }
  | { kind: 'behind'; bytes: Uint8Array };

const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('bit' as const), at: fc.nat(), bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('behind' as const), bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }) }),
);

function spoil(packed: Buffer, damage: Damage): Buffer {
  const at = 'at' in damage ? damage.at % packed.length : 0;
  switch (damage.kind) {
    case 'cut':
      return packed.subarray(0, at);
    case 'bit': {
      const copy = Buffer.from(packed);
      copy[at] = (copy[at] ?? 0) ^ (1 << damage.bit);
      return copy;
    }
    case 'behind':
      return Buffer.concat([packed, damage.bytes]);
    default:
      return damage satisfies never;
  }
}

/** In pieces, as a network brings it. */
function* pieces(bytes: Uint8Array, length: number) {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

it(
  'unpacks a gzip object to the bytes of the scan, or reports damage, however its chunks arrive',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 3000 }),
        damage,
        fc.integer({ min: 1, max: 4000 }),
        async (scan, how, length) => {
          const object = spoil(gzipSync(scan), how);
          const unpacked = await unpack(object, length);
          if (unpacked instanceof Error) expect(unpacked).toBeInstanceOf(DamagedInstanceError);
          else expect(unpacked.equals(Buffer.from(scan))).toBe(true);
        },
      ),
      fuzzRuns(300),
    );
  },
  FUZZ_TIMEOUT_MS,
);

it(
  'no gzip object unpacks to more than its bound',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 60_000 }),
        async (mebibytes, length) => {
          const object = gzipSync(Buffer.alloc(mebibytes * 1024 ** 2), { level: 1 });
          let seenBytes = 0;
          const stream = unpackInstance(Readable.from(pieces(object, length)), {
            sopInstanceUid: '1.2',
            sizeBytes: object.length,
          });
          stream.on('data', (chunk: Buffer) => {
            seenBytes += chunk.length;
          });
          const error = await new Promise<unknown>((resolve) => {
            stream.on('error', resolve).on('end', () => resolve(undefined));
          });
          const bound = unpackedBound(object.length);
          expect(seenBytes).toBeLessThanOrEqual(bound);
          expect(error instanceof DamagedInstanceError).toBe(mebibytes * 1024 ** 2 > bound);
        },
      ),
      fuzzRuns(20),
    );
  },
  FUZZ_TIMEOUT_MS,
);

async function unpack(object: Buffer, length: number): Promise<Buffer | Error> {
  const packed = Readable.from(pieces(object, length));
  try {
    return await buffer(unpackInstance(packed, { sopInstanceUid: '1.2', sizeBytes: object.length }));
  } catch (error) {
    return error as Error;
  }
}
