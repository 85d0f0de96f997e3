import { MAX_ELEMENTS } from './element-budget.ts';
import {
  DETECTION_BYTES,
  detectEncoding,
  type Encoding,
  EXPLICIT_LITTLE_ENDIAN,
  isKnownVr,
  vrAt,
} from './encoding.ts';
import { hasRequiredUids, namedTwice, type RawValues, toHeader } from './header-fields.ts';
import {
  FIRST_READ_BYTES,
  type HeaderOutcome,
  MAX_HEADER_BYTES,
  type Rejection,
  rejected,
} from './header-outcome.ts';
import { type CompressedFormat, type Inflated, inflatePrefix } from './inflate-prefix.ts';
import { uidText } from './numbers.ts';
import { patientOf } from './patient.ts';
import { type Content, type Walk, walkDataSet } from './walk-data-set.ts';
import { TAG } from './wanted-tags.ts';

const PREAMBLE_BYTES = 128;
const META_GROUP = 2;
const MEDIA_STORAGE_DIRECTORY = '1.2.840.10008.1.3.10';
/** Only the data set of a DICOMDIR begins with it (PS3.3 section F.3.2). */
const DIRECTORY_GROUP = 4;
const DEFLATED_EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1.99';
/** The number of ordered elements that a data set without preamble needs to count as DICOM. */
const MIN_ELEMENTS_AS_EVIDENCE = 3;
/** Bytes to request beyond the element at which a prefix ended, to include its neighbours. */
const READ_AHEAD_BYTES = 4 * 1024;

/** The content and its origin: a compressed stream can grow with more input, or has ended. */
export interface Source extends Content {
  /** Absent when the content is the object itself. */
  inflatedTo?: Inflated['end'];
  /** Bytes of the object that have been read. */
  readBytes: number;
  isGzip: boolean;
}

/**
 * Reads the header from the first bytes of an object. Pure; time and memory are linear in `prefix` (an inflated stream
 * counts with a few MiB at most). Never throws for any content.
 *
 * If the length of an element or of the pixels is beyond the object, it is `truncated`. A file that was cut between two
 * elements, within encapsulated pixels, or in a compressed stream after `prefix` looks like a complete one.
 *
 * @param prefix the first bytes of the object
 * @param objectSizeBytes the size of the whole object
 */
export function parseHeader(prefix: Uint8Array, objectSizeBytes: number): HeaderOutcome {
  return parseWith(prefix, objectSizeBytes, judge);
}

/** The outcome of the values that were read, and of the end position. */
export type Judge<T> = (source: Source, walk: Walk, values: RawValues, isBigEndian: boolean) => T;
/** Outcomes that need no further check. */
export type Unjudged = Exclude<HeaderOutcome, { kind: 'header' }>;

/** Finds the data set in the first bytes of a file, in any wrapping, and passes it on. */
export function parseWith<T extends { kind: string }>(
  prefix: Uint8Array,
  objectSizeBytes: number,
  judge: Judge<T>,
): T | Unjudged {
  if (objectSizeBytes === 0) return rejected('empty_object', 'the object holds no bytes; drop it again');
  const isWhole = prefix.length >= objectSizeBytes;
  if (!isWhole && prefix.length < PREAMBLE_BYTES + 4) return { kind: 'more', wantBytes: FIRST_READ_BYTES };
  // 1f 8b: gzip; 08: deflate, the only method (RFC 1952 section 2.3.1).
  if (prefix[0] === 0x1f && prefix[1] === 0x8b && prefix[2] === 0x08 && !hasMarkAt(prefix, PREAMBLE_BYTES)) {
    const inflated = inflatedSource('gzip', prefix, isWhole, { isGzip: true, readBytes: prefix.length });
    return parseContent(inflated, judge);
  }
  const source = { bytes: prefix, sizeBytes: objectSizeBytes, readBytes: prefix.length, isGzip: false };
  return parseContent(source, judge);
}

function parseContent<T extends { kind: string }>(source: Source, judge: Judge<T>): T | Unjudged {
  const { bytes } = source;
  if (hasMarkAt(bytes, PREAMBLE_BYTES)) return parseFile(source, PREAMBLE_BYTES + 4, judge);
  if (hasMarkAt(bytes, 0)) return parseFile(source, 4, judge);
  // Group 0002, explicit little endian, as Part 10 requires: a file without its preamble.
  if (bytes[0] === 2 && bytes[1] === 0 && isKnownVr(vrAt(bytes, 4))) return parseFile(source, 0, judge);
  if ((bytes[0] === 8 && bytes[1] === 0) || (bytes[0] === 0 && bytes[1] === 8))
    return parseBareDataSet(source, judge);
  if (bytes.length < PREAMBLE_BYTES + 4 && source.inflatedTo === 'partial') return more(source);
  return notDicom();
}

/** A DICOM file (PS3.10 section 7.1): the file meta information at `position`, then the data set. */
function parseFile<T extends { kind: string }>(
  source: Source,
  position: number,
  judge: Judge<T>,
): T | Unjudged {
  const encoding =
    position + DETECTION_BYTES > source.bytes.length
      ? EXPLICIT_LITTLE_ENDIAN
      : detectEncoding(source.bytes, position);
  const meta = walkDataSet(source, { position, encoding, onlyGroup: META_GROUP });
  if (meta.end.kind === 'end') return rejected('truncated', 'the file ends where its data set should begin');
  if (meta.end.kind !== 'next_group') return judge(source, meta, meta.values, false);
  const transferSyntax = uidText(meta.values.get(TAG.transferSyntaxUid));
  if (transferSyntax !== DEFLATED_EXPLICIT_LITTLE_ENDIAN) {
    return parseDataSet(source, meta.end.position, meta.values, judge);
  }
  const deflated = source.bytes.subarray(meta.end.position);
  const isWhole = source.bytes.length === source.sizeBytes;
  return parseDataSet(inflatedSource('deflate', deflated, isWhole, source), 0, meta.values, judge);
}

function parseDataSet<T extends { kind: string }>(
  source: Source,
  position: number,
  metaValues: RawValues,
  judge: Judge<T>,
): T | Unjudged {
  const encoding = detectEncoding(source.bytes, position);
  const walk = walkDataSet(source, { position, encoding });
  const { values } = walk;
  for (const [tag, value] of metaValues) if (!values.has(tag)) values.set(tag, value);
  if (uidText(metaValues.get(TAG.mediaStorageSopClassUid)) === MEDIA_STORAGE_DIRECTORY) {
    if (walk.end.kind === 'pixel_data' || hasRequiredUids(values)) {
      const detail =
        'it says that it is a DICOMDIR and holds an instance; correct it at the sender, send it again';
      return rejected('invalid_uid', detail);
    }
    if (groupAt(source.bytes, position, encoding) === DIRECTORY_GROUP) return { kind: 'dicomdir' };
  }
  return judge(source, walk, values, encoding.isBigEndian);
}

/** A bare data set from group 0008 on, as some archives store it. Only its form shows that it is DICOM. */
function parseBareDataSet<T extends { kind: string }>(source: Source, judge: Judge<T>): T | Unjudged {
  const encoding = detectEncoding(source.bytes, 0);
  const walk = walkDataSet(source, { position: 0, encoding });
  const isDicom = walk.elementsInOrder >= MIN_ELEMENTS_AS_EVIDENCE || hasRequiredUids(walk.values);
  const mayYetShow = walk.end.kind === 'cut' && walk.elementsInOrder > 0;
  if (!isDicom && !mayYetShow) return notDicom();
  const outcome = judge(source, walk, walk.values, encoding.isBigEndian);
  return isDicom || outcome.kind === 'more' ? outcome : notDicom();
}

function judge(source: Source, walk: Walk, values: RawValues, isBigEndian: boolean): HeaderOutcome {
  const { sizeBytes, inflatedTo, isGzip } = source;
  const { end, isPastWanted, conflictingUid } = walk;
  if (inflatedTo === 'damaged') {
    return rejected('truncated', 'the compressed stream breaks off or is damaged; drop the object again');
  }
  if (conflictingUid !== undefined) return namedTwice(conflictingUid);
  if (end.kind === 'malformed' && !hasRequiredUids(values)) {
    return rejected('not_dicom', `a sequence holds no item where one is due, at byte ${end.position}`);
  }
  const lastByteNeeded =
    end.kind === 'cut' ? end.neededBytes : end.kind === 'pixel_data' ? end.endPosition : 0;
  if (sizeBytes !== undefined && (lastByteNeeded ?? 0) > sizeBytes) {
    return rejected(
      'truncated',
      `an element reaches to byte ${lastByteNeeded}, the file ends at ${sizeBytes}; drop the object again`,
    );
  }
  if (end.kind === 'cut') {
    const canGrow =
      end.neededBytes <= MAX_HEADER_BYTES && inflatedTo !== 'limit' && source.readBytes < MAX_HEADER_BYTES;
    // After all values are read, the walk continues only to find the end of the pixels, and a repeated UID.
    if (canGrow) return more(source, end.neededBytes);
  }
  if ((end.kind === 'cut' || end.kind === 'too_many') && !isPastWanted) {
    return rejected(
      'too_large_header',
      end.kind === 'cut'
        ? `the header is longer than ${MAX_HEADER_BYTES} bytes, the most that is read`
        : `the header has more than ${MAX_ELEMENTS} elements, the most that are read`,
    );
  }
  const header = toHeader(values, isBigEndian);
  if ('kind' in header) return header;
  const patient = patientOf(values);
  return { kind: 'header', header, ...(patient === undefined ? {} : { patient }), isGzip };
}

export function more(
  { inflatedTo, readBytes }: Source,
  neededBytes = 0,
): { kind: 'more'; wantBytes: number } {
  // The ratio of input to output is not known in advance.
  const wantBytes = inflatedTo === undefined ? neededBytes + READ_AHEAD_BYTES : readBytes * 4;
  return { kind: 'more', wantBytes };
}

function inflatedSource(
  format: CompressedFormat,
  input: Uint8Array,
  isWhole: boolean,
  { isGzip, readBytes, inflatedTo }: Pick<Source, 'isGzip' | 'readBytes' | 'inflatedTo'>,
): Source {
  const { bytes, end: ownEnd } = inflatePrefix(format, input, isWhole);
  // A deflated data set within a gzip stream that has ended cannot grow either.
  const end = ownEnd === 'partial' && inflatedTo !== undefined ? inflatedTo : ownEnd;
  return {
    bytes,
    sizeBytes: end === 'complete' ? bytes.length : undefined,
    inflatedTo: end,
    isGzip,
    readBytes,
  };
}

function groupAt(bytes: Uint8Array, position: number, { isBigEndian }: Encoding): number {
  const [first = 0, second = 0] = bytes.subarray(position, position + 2);
  return isBigEndian ? first * 256 + second : second * 256 + first;
}

function hasMarkAt(bytes: Uint8Array, position: number): boolean {
  // DICM
  return (
    bytes[position] === 0x44 &&
    bytes[position + 1] === 0x49 &&
    bytes[position + 2] === 0x43 &&
    bytes[position + 3] === 0x4d
  );
}

function notDicom(): Rejection {
  return rejected(
    'not_dicom',
    'neither a DICOM file (DICM at byte 128) nor a bare data set from group 0008 on',
  );
}
