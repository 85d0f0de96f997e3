import { crc32, deflateRawSync } from 'node:zlib';

/** 1980-01-01 in DOS form: the same content gives the same bytes. */
const DOS_DATE = 0x0021_0000;
/** A regular file that everybody may read: Lambda runs functions as another user than the one that unpacks them. */
const UNIX_MODE = 0o100_644;
const IS_DEFLATED = 8;

/** A zip archive with these files, in this order (APPNOTE.TXT sections 4.3.7, 4.3.12 and 4.3.16). */
export function zipOfFiles(files: readonly (readonly [name: string, content: Buffer])[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of files) {
    const fileName = Buffer.from(name);
    const data = deflateRawSync(content, { level: 9 });
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0); // version needed to extract
    common.writeUInt16LE(IS_DEFLATED, 4);
    common.writeUInt32LE(DOS_DATE, 6);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(fileName.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, fileName, data]);
    const afterCommon = Buffer.alloc(14);
    // The upper half of the external attributes is the Unix mode, because the archive says that Unix made it.
    afterCommon.writeUInt32LE(UNIX_MODE * 0x1_0000, 6);
    afterCommon.writeUInt32LE(offset, 10);
    const madeByUnix = Buffer.from('PK\x01\x02\x14\x03', 'latin1');
    directory.push(madeByUnix, common, afterCommon, fileName);
    locals.push(local);
    offset += local.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, entries, end]);
}
