import dicomParser, { type DataSet } from 'dicom-parser';
import { FragmentWalker } from './fragment-walker.ts';

/** The attributes that the simulator reads from an image; descriptions are evaluated at once and never stored. */
export interface ScanHeader {
  studyInstanceUid: string;
  seriesInstanceUid: string;
  sopInstanceUid: string;
  modality: string;
  bodyPart: string;
  seriesDescription: string;
  studyDescription: string;
}

const PIXEL_DATA = 'x7fe00010';
/** The limit of a stored header; a longer one is judged by its beginning. */
const MAX_HEADER_BYTES = 4 * 1024 * 1024;
const FIRST_ATTEMPT_BYTES = 16 * 1024;
const UID = /^[0-9]+(\.[0-9]+)*$/;

/**
 * Reads one data set from a stream: buffers its bytes up to the pixel data, parses them with `dicom-parser` at growing
 * lengths, then only counts. Bounded by `MAX_HEADER_BYTES`.
 */
export class DataSetReader {
  readonly #transferSyntaxUid: string;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #totalBytes = 0;
  #nextAttemptBytes = FIRST_ATTEMPT_BYTES;
  #header: DataSet | undefined;
  #pixelDataEnd = 0;
  #fragments: FragmentWalker | undefined;

  constructor(transferSyntaxUid: string) {
    this.#transferSyntaxUid = transferSyntaxUid;
  }

  push(chunk: Buffer): void {
    this.#totalBytes += chunk.length;
    if (this.#header !== undefined) {
      this.#fragments?.push(chunk);
      return;
    }
    if (this.#keptBytes >= MAX_HEADER_BYTES) return;
    this.#kept.push(chunk);
    this.#keptBytes += chunk.length;
    if (this.#keptBytes < this.#nextAttemptBytes) return;
    this.#nextAttemptBytes = Math.min(this.#keptBytes * 4, MAX_HEADER_BYTES);
    this.#lookForPixelData();
  }

  /** The data set has ended. Returns its header, or the reason why Qure would not register it. */
  end(): ScanHeader | { refusal: string } {
    if (this.#header === undefined) this.#lookForPixelData();
    const dataSet = this.#header ?? this.#readWithoutPixelData();
    if (dataSet === null) return { refusal: 'The file is cut off in its header.' };
    if (this.#totalBytes < this.#pixelDataEnd || this.#fragments?.isComplete === false) {
      return { refusal: 'The file is cut off in its pixel data.' };
    }
    return scanHeaderOf(dataSet);
  }

  #bytes(): Buffer {
    const whole = Buffer.concat(this.#kept);
    this.#kept = [whole];
    return whole;
  }

  #lookForPixelData(): void {
    const bytes = this.#bytes();
    const { dataSet } = parse(bytes, this.#transferSyntaxUid);
    const pixelData = dataSet?.elements[PIXEL_DATA];
    if (dataSet === undefined || pixelData === undefined || pixelData.dataOffset > bytes.length) return;
    this.#header = dataSet;
    this.#kept = [];
    if (pixelData.hadUndefinedLength === true) {
      this.#fragments = new FragmentWalker();
      this.#fragments.push(bytes.subarray(pixelData.dataOffset));
    } else {
      this.#pixelDataEnd = pixelData.dataOffset + pixelData.length;
    }
  }

  /** A report, a plan, or a header over the limit: complete if no element ends behind the last byte. */
  #readWithoutPixelData(): DataSet | null {
    const { dataSet, isWhole } = parse(this.#bytes(), this.#transferSyntaxUid);
    if (dataSet === undefined) return null;
    const ends = Object.values(dataSet.elements).map((element) => element.dataOffset + element.length);
    const isCut = !isWhole && this.#keptBytes === this.#totalBytes;
    return isCut || ends.some((end) => end > this.#totalBytes) ? null : dataSet;
  }
}

function parse(bytes: Buffer, transferSyntaxUid: string): { dataSet?: DataSet; isWhole: boolean } {
  if (bytes.length === 0) return { isWhole: false };
  try {
    // The meta group was read separately, so the bytes begin with the data set and the syntax is given.
    const dataSet = dicomParser.parseDicom(bytes, {
      TransferSyntaxUID: transferSyntaxUid,
      untilTag: PIXEL_DATA,
    });
    return { dataSet, isWhole: true };
  } catch (error) {
    // `dicom-parser` throws strings, or an object with the elements that it could read.
    const isPartial = typeof error === 'object' && error !== null && 'dataSet' in error;
    return isPartial ? { dataSet: error.dataSet as DataSet, isWhole: false } : { isWhole: false };
  }
}

function scanHeaderOf(dataSet: DataSet): ScanHeader | { refusal: string } {
  const text = (tag: string): string =>
    dataSet.elements[tag] === undefined ? '' : (dataSet.string(tag) ?? '');
  const header: ScanHeader = {
    studyInstanceUid: text('x0020000d'),
    seriesInstanceUid: text('x0020000e'),
    sopInstanceUid: text('x00080018'),
    modality: text('x00080060').toUpperCase(),
    bodyPart: text('x00180015'),
    seriesDescription: text('x0008103e'),
    studyDescription: text('x00081030'),
  };
  const uids = [header.studyInstanceUid, header.seriesInstanceUid, header.sopInstanceUid];
  if (!uids.every((uid) => uid.length <= 64 && UID.test(uid))) {
    return { refusal: 'Study, series or SOP instance UID is missing or invalid.' };
  }
  return header;
}
