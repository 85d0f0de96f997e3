const HEADER_BYTES = 64;

/** How a picture is stored. */
export interface Layout {
  rows: number;
  columns: number;
  samples: number;
  /** Of one sample. */
  bytes: number;
}

/**
 * One image in RLE (DICOM PS3.5 annex G): a segment for each byte of a sample, the most significant first.
 *
 * @returns the samples in little endian, one plane after the other
 * @throws Error where the image has another size than its layout says; no more is written than that
 */
export function decodeRle(
  frame: Uint8Array,
  { rows, columns, samples, bytes }: Layout,
): Uint8Array<ArrayBuffer> {
  const segments = samples * bytes;
  if (frame.length < HEADER_BYTES) throw damaged();
  const header = new DataView(frame.buffer, frame.byteOffset, HEADER_BYTES);
  if (header.getUint32(0, true) !== segments) throw damaged();
  const count = rows * columns;
  const plane = new Uint8Array(count);
  const picture = new Uint8Array(count * segments);
  for (let segment = 0; segment < segments; segment += 1) {
    const start = header.getUint32(4 + segment * 4, true);
    const end = segment + 1 < segments ? header.getUint32(8 + segment * 4, true) : frame.length;
    if (start < HEADER_BYTES || end < start || end > frame.length) throw damaged();
    unpack(frame.subarray(start, end), plane);
    const sample = Math.floor(segment / bytes);
    const significance = bytes - 1 - (segment % bytes);
    for (let at = 0; at < count; at += 1)
      picture[(sample * count + at) * bytes + significance] = plane[at] ?? 0;
  }
  return picture;
}

/** PackBits. Fills all of `plane`; what follows is padding. */
function unpack(packed: Uint8Array, plane: Uint8Array): void {
  let from = 0;
  let to = 0;
  while (to < plane.length) {
    const control = packed[from];
    if (control === undefined) throw damaged();
    from += 1;
    if (control === 128) continue;
    const isRun = control > 128;
    const length = isRun ? 257 - control : control + 1;
    const taken = isRun ? 1 : length;
    if (from + taken > packed.length || to + length > plane.length) throw damaged();
    if (isRun) plane.fill(packed[from] ?? 0, to, to + length);
    else plane.set(packed.subarray(from, from + length), to);
    from += taken;
    to += length;
  }
}

function damaged(): Error {
  return new Error('The picture in this file is damaged: save the file.');
}
