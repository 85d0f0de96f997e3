/** One image in RLE (DICOM PS3.5 annex G): each plane is a segment, in runs where it has some. */
export function rleOf(planes: readonly (readonly number[])[]): Uint8Array {
  const header = new DataView(new ArrayBuffer(64));
  header.setUint32(0, planes.length, true);
  const bytes: number[] = [];
  for (const [at, plane] of planes.entries()) {
    header.setUint32(4 + at * 4, 64 + bytes.length, true);
    bytes.push(...packed(plane));
    if (bytes.length % 2 === 1) bytes.push(0);
  }
  return Uint8Array.from([...new Uint8Array(header.buffer), ...bytes]);
}

function packed(plane: readonly number[]): number[] {
  const bytes: number[] = [];
  for (let from = 0; from < plane.length; ) {
    const value = plane[from] ?? 0;
    let to = from + 1;
    while (to < plane.length && plane[to] === value && to - from < 128) to += 1;
    bytes.push(to - from === 1 ? 0 : 257 - (to - from), value);
    from = to;
  }
  return bytes;
}
