import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combineChecksums, runningChecksum } from '../../../local/cloud/s3/checksum.ts';

const CRCS = ['crc32', 'crc32c', 'crc64nvme'] as const;

describe('CRC check values', () => {
  // The CRC of "123456789", from the catalogue of parametrised CRC algorithms (reveng.sourceforge.io).
  it.each([
    ['crc32', 'cbf43926'],
    ['crc32c', 'e3069283'],
    ['crc64nvme', 'ae8b14860a799888'],
  ] as const)('%s', (algorithm, expected) => {
    const running = runningChecksum(algorithm);
    running.update(Buffer.from('123456789'));
    expect(running.value().toString('hex')).toBe(expected);
  });

  it.each(CRCS)('%s does not depend on how the bytes are cut', (algorithm) => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }), (pieces) => {
        const cut = runningChecksum(algorithm);
        for (const piece of pieces) cut.update(piece);
        const whole = runningChecksum(algorithm);
        whole.update(Buffer.concat(pieces));
        expect(cut.value()).toEqual(whole.value());
      }),
    );
  });
});

describe('the checksum of parts put together', () => {
  it.each(CRCS)('%s is that of the whole', (algorithm) => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 6 }), (pieces) => {
        const checksumOf = (bytes: Uint8Array) => {
          const running = runningChecksum(algorithm);
          running.update(bytes);
          return running.value().toString('base64');
        };
        const parts = pieces.map((piece) => ({ value: checksumOf(piece), sizeBytes: piece.length }));
        expect(combineChecksums(algorithm, 'FULL_OBJECT', parts)?.value).toBe(
          checksumOf(Buffer.concat(pieces)),
        );
      }),
    );
  });

  it('cannot be had for a SHA of the whole', () => {
    expect(combineChecksums('sha256', 'FULL_OBJECT', [{ value: 'AA==', sizeBytes: 1 }])).toBeUndefined();
  });
});
