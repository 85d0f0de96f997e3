export interface TarFile {
  name: string;
  content?: Uint8Array;
  /** '0' a file (default), '5' a folder, '2' a link, 'x' an extended header, 'L' a long name, 'S' a sparse file. */
  type?: string;
  /** The bytes of the size field, where a test wants others than the octal size. */
  size?: Uint8Array;
  /** Of an old sparse file: blocks that tell more holes, between the header and the content. */
  holeBlocks?: number;
}

const BLOCK = 512;

/** Writes a tar archive (POSIX.1-2017, "ustar Interchange Format"), with lies where a test wants them. */
export function tarOf(files: readonly TarFile[], endBlocks = 2): Buffer {
  return Buffer.concat([...files.map(tarFile), Buffer.alloc(endBlocks * BLOCK)]);
}

function tarFile({ name, content = new Uint8Array(), type = '0', size, holeBlocks = 0 }: TarFile): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.set(size ?? octal(content.length), 124);
  header.write(type, 156);
  header.write('ustar\x0000', 257, 'latin1');
  header.writeUInt8(holeBlocks > 0 ? 1 : 0, 482);
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const holes = Array.from({ length: holeBlocks }, (_, at) => {
    const block = Buffer.alloc(BLOCK);
    block.writeUInt8(at < holeBlocks - 1 ? 1 : 0, 504);
    return block;
  });
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
  return Buffer.concat([header, ...holes, content, padding]);
}

function octal(size: number): Buffer {
  return Buffer.from(`${size.toString(8).padStart(11, '0')}\0`);
}

/** The size in base 256, as GNU tar writes it for files of 8 GiB or more. */
export function base256(size: number): Buffer {
  const field = Buffer.alloc(12);
  field.writeBigUInt64BE(BigInt(size), 4);
  field.writeUInt8(0x80, 0);
  return field;
}

/** A record of a pax header: its length counts itself. */
export function paxRecord(keyword: string, value: string): Buffer {
  const rest = ` ${keyword}=${value}\n`;
  let length = rest.length;
  while (length !== `${length}${rest}`.length) length = `${length}${rest}`.length;
  return Buffer.from(`${length}${rest}`);
}
