import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  /** Bytes for names that are not UTF-8. */
  name: string | Buffer;
  content: Buffer;
  /** 0 stored, 8 deflated (default); any other is written down but stored. */
  method?: number;
  /** General purpose bits; bit 0 says encrypted, bit 11 says that the name is UTF-8. */
  flags?: number;
  /** States another checksum than the content's. */
  crc?: number;
  /** States another size than the content's. */
  statedSize?: number;
  /** The file type of Unix, as `st_mode` has it. */
  unixMode?: number;
}

/** Writes a zip archive (APPNOTE.TXT sections 4.3.7, 4.3.12 and 4.3.16), with lies where a test wants them. */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.isBuffer(entry.name) ? entry.name : Buffer.from(entry.name);
    const method = entry.method ?? 8;
    const data = method === 8 ? deflateRawSync(entry.content) : entry.content;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0); // version needed
    common.writeUInt16LE(entry.flags ?? 0, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(0x5821_0000, 6); // DOS time and date
    common.writeUInt32LE(entry.crc ?? crc32(entry.content), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(entry.statedSize ?? entry.content.length, 18);
    common.writeUInt16LE(name.length, 22); // and no extra field
    const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, Buffer.alloc(14), name]);
    if (entry.unixMode !== undefined) {
      central.writeUInt8(3, 5);
      central.writeUInt16LE(entry.unixMode, 40);
    }
    central.writeUInt32LE(offset, 42);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, data]);
    locals.push(local);
    centrals.push(central);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
