import { Readable } from 'node:stream';
import { ctSlice } from '../sample-files.ts';

const CHUNK = Buffer.alloc(1024 * 1024);
const TAR_BLOCK_BYTES = 512;
const SOME_PIXEL_BYTES = 16;

/** A CT of so many bytes: a header of 12 KB, then pixels, as a multi-frame CT has them. It is made while it is read. */
export function largeCt(sizeBytes: number): Readable {
  return Readable.from(ctChunks(sizeBytes), { objectMode: false });
}

/** A tar with `largeCt` as its only entry. POSIX.1-2017, "ustar Interchange Format". */
export function largeTar(sizeBytes: number): { sizeBytes: number; content: Readable } {
  const padding = -sizeBytes & (TAR_BLOCK_BYTES - 1);
  const end = Buffer.alloc(padding + 2 * TAR_BLOCK_BYTES);
  function* chunks() {
    yield tarHeader(sizeBytes);
    yield* ctChunks(sizeBytes);
    yield end;
  }
  return {
    sizeBytes: TAR_BLOCK_BYTES + sizeBytes + end.length,
    content: Readable.from(chunks(), { objectMode: false }),
  };
}

function* ctChunks(sizeBytes: number) {
  const slice = ctSlice({
    series: 'large',
    instanceNumber: 1,
    pixelBytes: SOME_PIXEL_BYTES,
    hasLongHeader: true,
  });
  const header = Buffer.from(slice.subarray(0, slice.length - SOME_PIXEL_BYTES));
  // The length of the pixels is what the header ends with.
  header.writeUInt32LE(sizeBytes - header.length, header.length - 4);
  yield header;
  for (let left = sizeBytes - header.length; left > 0; left -= CHUNK.length)
    yield CHUNK.subarray(0, Math.min(CHUNK.length, left));
}

function tarHeader(sizeBytes: number): Buffer {
  const header = Buffer.alloc(TAR_BLOCK_BYTES);
  header.write('IM1.dcm', 0);
  header.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124);
  header.write('0', 156);
  header.write('ustar\x0000', 257, 'latin1');
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}
