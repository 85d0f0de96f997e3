import { crc32 } from 'node:zlib';

/** A zip archive of stored files, as a sender makes it of a series (APPNOTE.TXT sections 4.3.7, 4.3.12 and 4.3.16). */
export function zipOfStored(files: readonly Buffer[]): Buffer {
  const locals: Buffer[] = [];
  const records: Buffer[] = [];
  let offset = 0;
  for (const [at, content] of files.entries()) {
    const name = Buffer.from(`IM${at}`);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0); // version needed to extract
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const afterCommon = Buffer.alloc(14);
    afterCommon.writeUInt32LE(offset, 10);
    records.push(Buffer.from('PK\x01\x02\x14\x00'), common, afterCommon, name);
    const local = [Buffer.from('PK\x03\x04'), common, name, content];
    locals.push(...local);
    offset += local.reduce((sum, part) => sum + part.length, 0);
  }
  const directory = Buffer.concat(records);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
