import { createHash } from 'node:crypto';
import { createInflateRaw, type InflateRaw } from 'node:zlib';
import { DataSetReader, type ScanHeader } from './data-set-reader.ts';
import { DEFLATED_LITTLE_ENDIAN, EXPLICIT_LITTLE_ENDIAN, readFileMeta } from './file-meta.ts';

export type DicomPart = { sizeBytes: number; sha256: string } & (
  | { header: ScanHeader; refusal?: never }
  | { refusal: string; header?: never }
);

const MAX_META_BYTES = 256 * 1024;
const NOT_DICOM = 'The file is not DICOM.';

/**
 * Reads one uploaded file from a stream: its SHA-256, its header, and whether it is complete. Deliberately independent
 * of the pipeline's own header reader.
 */
export class DicomPartReader {
  readonly #hash = createHash('sha256');
  #sizeBytes = 0;
  #start: Buffer = Buffer.alloc(0);
  #dataSet: DataSetReader | undefined;
  #inflate: InflateRaw | undefined;
  #inflated: Promise<boolean> | undefined;
  #isRefused = false;

  async push(chunk: Buffer): Promise<void> {
    this.#hash.update(chunk);
    this.#sizeBytes += chunk.length;
    if (this.#isRefused) return;
    if (this.#dataSet !== undefined) return this.#feed(chunk);
    this.#start = Buffer.concat([this.#start, chunk]);
    await this.#readMeta(false);
  }

  async end(): Promise<DicomPart> {
    if (this.#dataSet === undefined && !this.#isRefused) await this.#readMeta(true);
    const facts = { sizeBytes: this.#sizeBytes, sha256: this.#hash.digest('hex') };
    if (this.#isRefused || this.#dataSet === undefined) return { ...facts, refusal: NOT_DICOM };
    this.#inflate?.end();
    if ((await this.#inflated) === false)
      return { ...facts, refusal: 'The deflated file is cut off or corrupt.' };
    const read = this.#dataSet.end();
    return 'refusal' in read ? { ...facts, ...read } : { ...facts, header: read };
  }

  async #readMeta(isWhole: boolean): Promise<void> {
    const meta = readFileMeta(this.#start, isWhole);
    if (meta === 'more' && this.#start.length < MAX_META_BYTES) return;
    if (meta === null || meta === 'more') {
      this.#isRefused = true;
      return;
    }
    const rest = this.#start.subarray(meta.dataSetOffset);
    this.#start = Buffer.alloc(0);
    const isDeflated = meta.transferSyntaxUid === DEFLATED_LITTLE_ENDIAN;
    const dataSet = new DataSetReader(isDeflated ? EXPLICIT_LITTLE_ENDIAN : meta.transferSyntaxUid);
    this.#dataSet = dataSet;
    if (isDeflated) this.#startInflating(dataSet);
    await this.#feed(rest);
  }

  #startInflating(dataSet: DataSetReader): void {
    const inflate = createInflateRaw();
    inflate.on('data', (bytes: Buffer) => dataSet.push(bytes));
    this.#inflate = inflate;
    this.#inflated = new Promise((resolve) => {
      inflate.once('end', () => resolve(true));
      inflate.on('error', () => resolve(false));
    });
  }

  async #feed(bytes: Buffer): Promise<void> {
    const inflate = this.#inflate;
    if (inflate === undefined) {
      this.#dataSet?.push(bytes);
      return;
    }
    // Waits for every chunk, so inflated bytes never accumulate. After an error the callback is not called.
    if (inflate.destroyed) return;
    const written = new Promise<void>((resolve) => void inflate.write(bytes, () => resolve()));
    await Promise.race([written, this.#inflated]);
  }
}
