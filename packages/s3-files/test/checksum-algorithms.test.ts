import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64Of, combineChecksums, runningChecksum } from '../src/checksum.ts';

const CRCS = ['crc32', 'crc32c', 'crc64nvme'] as const;

describe('CRC check values', () => {
  // The CRC of "123456789", from the catalogue of parametrised CRC algorithms (reveng.sourceforge.io).
  it.each([
    ['crc32', 'cbf43926'],
    ['crc32c', 'e3069283'],
    ['crc64nvme', 'ae8b14860a799888'],
  ] as const)('%s', async (algorithm, expected) => {
    const running = runningChecksum(algorithm);
    running.update(Buffer.from('123456789'));
    expect(Buffer.from(await running.digest()).toString('hex')).toBe(expected);
  });

  it.each(CRCS)('%s does not depend on how the bytes are cut', async (algorithm) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }), async (pieces) => {
        const cut = runningChecksum(algorithm);
        for (const piece of pieces) cut.update(piece);
        const whole = runningChecksum(algorithm);
        whole.update(Buffer.concat(pieces));
        expect(await cut.digest()).toEqual(await whole.digest());
      }),
    );
  });
});

describe('the checksum of parts put together', () => {
  it.each(CRCS)('%s is that of the whole', async (algorithm) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 6 }),
        async (pieces) => {
          const checksumOf = (bytes: Uint8Array) => {
            const running = runningChecksum(algorithm);
            running.update(bytes);
            return base64Of(running);
          };
          const parts = await Promise.all(
            pieces.map(async (piece) => ({ value: await checksumOf(piece), sizeBytes: piece.length })),
          );
          const whole = await combineChecksums(algorithm, 'FULL_OBJECT', parts);
          expect(whole?.value).toBe(await checksumOf(Buffer.concat(pieces)));
        },
      ),
    );
  });

  it('cannot be had for a SHA of the whole', async () => {
    const parts = [{ value: 'AA==', sizeBytes: 1 }];
    expect(await combineChecksums('sha256', 'FULL_OBJECT', parts)).toBeUndefined();
  });
});
