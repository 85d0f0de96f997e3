import { deflateRawSync } from 'node:zlib';
import { type DicomElement, type ElementEncoding, encodeElements } from './element-writer.ts';

export const TRANSFER_SYNTAX = {
  implicitLittleEndian: '1.2.840.10008.1.2',
  explicitLittleEndian: '1.2.840.10008.1.2.1',
  deflatedLittleEndian: '1.2.840.10008.1.2.1.99',
  explicitBigEndian: '1.2.840.10008.1.2.2',
  jpegBaseline: '1.2.840.10008.1.2.4.50',
} as const;

export interface DicomFileOptions {
  /**
   * Any UID except those of implicit, deflated and big endian is written as explicit VR little endian. Default:
   * explicit VR little endian.
   */
  transferSyntaxUid?: string;
  /** 128 zero bytes and `DICM` at the start. Default: true. */
  hasPreamble?: boolean;
  /** The file meta information, group 0002. Default: true. */
  hasFileMeta?: boolean;
  /** Default: (0008,0016) and (0008,0018) of the data set. */
  mediaStorageSopClassUid?: string;
  mediaStorageSopInstanceUid?: string;
  /** Text is UTF-8; the data set should declare it with ISO_IR 192. Default: false. */
  isUtf8?: boolean;
}

/** Below 2.25: made by this project from a UUID (PS3.5 section B.2), for (0002,0012). */
const IMPLEMENTATION_CLASS_UID = '2.25.92716349016215834301774182560371194823';

/** Writes a DICOM file (PS3.10 section 7). The elements may have any order; in the file they are ascending. */
export function writeDicom(elements: readonly DicomElement[], options: DicomFileOptions = {}): Buffer {
  const transferSyntaxUid = options.transferSyntaxUid ?? TRANSFER_SYNTAX.explicitLittleEndian;
  const encoding: ElementEncoding = {
    isExplicitVr: transferSyntaxUid !== TRANSFER_SYNTAX.implicitLittleEndian,
    isBigEndian: transferSyntaxUid === TRANSFER_SYNTAX.explicitBigEndian,
    isUtf8: options.isUtf8 ?? false,
  };
  const dataSet = encodeElements(elements, encoding);
  const parts = [transferSyntaxUid === TRANSFER_SYNTAX.deflatedLittleEndian ? deflate(dataSet) : dataSet];
  if (options.hasFileMeta ?? true) parts.unshift(fileMeta(elements, transferSyntaxUid, options));
  if (options.hasPreamble ?? true) parts.unshift(Buffer.alloc(128), Buffer.from('DICM'));
  return Buffer.concat(parts);
}

/** Explicit VR little endian for any data set (PS3.10 section 7.1). */
function fileMeta(
  elements: readonly DicomElement[],
  transferSyntaxUid: string,
  options: DicomFileOptions,
): Buffer {
  const encoding: ElementEncoding = { isExplicitVr: true, isBigEndian: false, isUtf8: false };
  const textOf = (tag: number) => elements.find((element) => element.tag === tag)?.value ?? '';
  const meta: DicomElement[] = [
    { tag: 0x00020001, vr: 'OB', value: Buffer.from([0, 1]) },
    { tag: 0x00020002, vr: 'UI', value: options.mediaStorageSopClassUid ?? textOf(0x00080016) },
    { tag: 0x00020003, vr: 'UI', value: options.mediaStorageSopInstanceUid ?? textOf(0x00080018) },
    { tag: 0x00020010, vr: 'UI', value: transferSyntaxUid },
    { tag: 0x00020012, vr: 'UI', value: IMPLEMENTATION_CLASS_UID },
    { tag: 0x00020013, vr: 'SH', value: 'QURE_DROPOFF' },
  ];
  const body = encodeElements(meta, encoding);
  const length: DicomElement = { tag: 0x00020000, vr: 'UL', value: body.length };
  return Buffer.concat([encodeElements([length], encoding), body]);
}

/** PS3.5 section A.5: one pad byte if the stream has an odd length. */
function deflate(dataSet: Buffer): Buffer {
  const stream = deflateRawSync(dataSet);
  return stream.length % 2 === 0 ? stream : Buffer.concat([stream, Buffer.alloc(1)]);
}
