/** The part of yauzl 3.4 that is used here; the package has no types of its own. */
declare module 'yauzl' {
  import type { EventEmitter } from 'node:events';
  import type { Readable } from 'node:stream';

  export interface OpenOptions {
    autoClose?: boolean;
    decodeStrings?: boolean;
    validateEntrySizes?: boolean;
  }

  export interface Entry {
    generalPurposeBitFlag: number;
    compressionMethod: number;
    crc32: number;
    compressedSize: number;
    uncompressedSize: number;
    relativeOffsetOfLocalHeader: number;
    fileNameLength: number;
    fileNameRaw: Buffer;
    extraFields: { id: number; data: Buffer }[];
    canDecodeFileData(): boolean;
    isEncrypted(): boolean;
  }

  export interface ZipFile extends EventEmitter {
    eachEntry(): AsyncIterable<Entry>;
    openReadStreamPromise(entry: Entry): Promise<Readable>;
    close(): void;
  }

  const yauzl: {
    openPromise(path: string | Buffer, options: OpenOptions): Promise<ZipFile>;
    getFileNameLowLevel(
      generalPurposeBitFlag: number,
      fileNameRaw: Buffer,
      extraFields: Entry['extraFields'],
      strictFileNames: boolean,
    ): string;
  };
  export default yauzl;
}
