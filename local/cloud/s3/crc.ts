import { crc32 } from 'node:zlib';

/** A running CRC. `value` is big-endian, as S3 sends it in base64. */
export interface RunningCrc {
  update(chunk: Uint8Array): void;
  value(): Buffer;
}

/** Reversed polynomials. CRC-64/NVME: NVM Express specification 2.1, section 5.3.3.1.1. */
export const CRC32_POLYNOMIAL = 0xedb88320n;
export const CRC32C_POLYNOMIAL = 0x82f63b78n;
export const CRC64NVME_POLYNOMIAL = 0x9a6c9329ac4bc9b5n;

const SLICES = 8;

/** `tables[slice * 256 + byte]`, the CRC of that byte followed by `slice` zero bytes. */
function makeTable(polynomial: bigint): bigint[] {
  const table: bigint[] = [];
  for (let byte = 0n; byte < 256n; byte++) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >> 1n) ^ (remainder & 1n ? polynomial : 0n);
    table.push(remainder);
  }
  for (let index = 256; index < SLICES * 256; index++) {
    const shorter = table[index - 256] ?? 0n;
    table.push((shorter >> 8n) ^ (table[Number(shorter & 0xffn)] ?? 0n));
  }
  return table;
}

const lowHalves = (table: bigint[]) => Int32Array.from(table, (entry) => Number(BigInt.asIntN(32, entry)));
const highHalves = (table: bigint[]) =>
  Int32Array.from(table, (entry) => Number(BigInt.asIntN(32, entry >> 32n)));

const table32c = makeTable(CRC32C_POLYNOMIAL);
const table64 = makeTable(CRC64NVME_POLYNOMIAL);
const CASTAGNOLI = lowHalves(table32c);
const NVME_LOW = lowHalves(table64);
const NVME_HIGH = highHalves(table64);

export function runningCrc32(): RunningCrc {
  let crc = 0;
  return {
    update(chunk) {
      crc = crc32(chunk, crc);
    },
    value() {
      return bigEndian(crc);
    },
  };
}

export function runningCrc32c(): RunningCrc {
  let crc = -1;
  return {
    update(chunk) {
      let value = crc;
      for (let i = 0; i < chunk.length; i++) {
        value = (CASTAGNOLI[(value ^ at(chunk, i)) & 0xff] ?? 0) ^ (value >>> 8);
      }
      crc = value;
    },
    value() {
      return bigEndian(~crc);
    },
  };
}

/** Eight bytes a step ("slicing by 8"), in two halves of 32 bits: BigInt would be a hundred times slower. */
export function runningCrc64nvme(): RunningCrc {
  let low = -1;
  let high = -1;
  const entry = (table: Int32Array, slice: number, byte: number) => table[slice * 256 + byte] ?? 0;
  return {
    update(chunk) {
      let l = low;
      let h = high;
      let i = 0;
      for (; i + 8 <= chunk.length; i += 8) {
        l ^= at(chunk, i) | (at(chunk, i + 1) << 8) | (at(chunk, i + 2) << 16) | (at(chunk, i + 3) << 24);
        h ^= at(chunk, i + 4) | (at(chunk, i + 5) << 8) | (at(chunk, i + 6) << 16) | (at(chunk, i + 7) << 24);
        const b0 = l & 0xff;
        const b1 = (l >>> 8) & 0xff;
        const b2 = (l >>> 16) & 0xff;
        const b3 = l >>> 24;
        const b4 = h & 0xff;
        const b5 = (h >>> 8) & 0xff;
        const b6 = (h >>> 16) & 0xff;
        const b7 = h >>> 24;
        l =
          entry(NVME_LOW, 7, b0) ^
          entry(NVME_LOW, 6, b1) ^
          entry(NVME_LOW, 5, b2) ^
          entry(NVME_LOW, 4, b3) ^
          entry(NVME_LOW, 3, b4) ^
          entry(NVME_LOW, 2, b5) ^
          entry(NVME_LOW, 1, b6) ^
          entry(NVME_LOW, 0, b7);
        h =
          entry(NVME_HIGH, 7, b0) ^
          entry(NVME_HIGH, 6, b1) ^
          entry(NVME_HIGH, 5, b2) ^
          entry(NVME_HIGH, 4, b3) ^
          entry(NVME_HIGH, 3, b4) ^
          entry(NVME_HIGH, 2, b5) ^
          entry(NVME_HIGH, 1, b6) ^
          entry(NVME_HIGH, 0, b7);
      }
      for (; i < chunk.length; i++) {
        const byte = (l ^ at(chunk, i)) & 0xff;
        l = ((l >>> 8) | (h << 24)) ^ entry(NVME_LOW, 0, byte);
        h = (h >>> 8) ^ entry(NVME_HIGH, 0, byte);
      }
      low = l;
      high = h;
    },
    value() {
      return Buffer.concat([bigEndian(~high), bigEndian(~low)]);
    },
  };
}

function at(chunk: Uint8Array, index: number): number {
  return chunk[index] ?? 0;
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return bytes;
}
