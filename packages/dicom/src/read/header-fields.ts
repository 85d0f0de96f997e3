import { isValidUid } from '../uid.ts';
import { textDecoderFor } from './character-sets.ts';
import type { DicomHeader } from './dicom-header.ts';
import { type Rejection, rejected } from './header-outcome.ts';
import {
  ageStringInYears,
  countString,
  decimalStrings,
  integerString,
  positiveDecimalString,
  uidText,
  unsignedShort,
} from './numbers.ts';
import { textValue, textValues } from './text-values.ts';
import { TAG } from './wanted-tags.ts';

/** Raw values by tag, those of the file meta information (group 0002) along with those of the data set. */
export type RawValues = ReadonlyMap<number, Uint8Array>;

const UID_NAMES = {
  studyInstanceUid: 'Study Instance UID (0020,000D)',
  seriesInstanceUid: 'Series Instance UID (0020,000E)',
  sopInstanceUid: 'SOP Instance UID (0008,0018)',
} as const;

type RequiredUids = Pick<DicomHeader, keyof typeof UID_NAMES>;

export function hasRequiredUids(values: RawValues): boolean {
  return Object.values(rawUidsOf(values)).every((uid) => uid !== undefined);
}

/** Reads the raw values into the header of the index; rejected with `missing_uid` or `invalid_uid`. */
export function toHeader(values: RawValues, isBigEndian: boolean): DicomHeader | Rejection {
  const uids = requiredUidsOf(values);
  if ('kind' in uids) return uids;
  const decode = textDecoderFor(values.get(TAG.specificCharacterSet));
  const text = (tag: number) => textValue(values.get(tag), decode);
  return withoutAbsent({
    ...uids,
    sopClassUid: validUid(values.get(TAG.sopClassUid)) ?? validUid(values.get(TAG.mediaStorageSopClassUid)),
    transferSyntaxUid: validUid(values.get(TAG.transferSyntaxUid)),
    modality: text(TAG.modality),
    bodyPartExamined: text(TAG.bodyPartExamined),
    imageType: textValues(values.get(TAG.imageType), decode),
    seriesDescription: text(TAG.seriesDescription),
    studyDescription: text(TAG.studyDescription),
    protocolName: text(TAG.protocolName),
    viewPosition: text(TAG.viewPosition),
    stationName: text(TAG.stationName),
    manufacturer: text(TAG.manufacturer),
    manufacturerModelName: text(TAG.manufacturerModelName),
    acquisitionNumber: integerString(values.get(TAG.acquisitionNumber)),
    instanceNumber: integerString(values.get(TAG.instanceNumber)),
    imagePositionMm: decimalStrings(values.get(TAG.imagePosition), 3, 3),
    imageOrientation: decimalStrings(values.get(TAG.imageOrientation), 6, 4),
    convolutionKernel: textValues(values.get(TAG.convolutionKernel), decode)?.[0],
    numberOfFrames: countString(values.get(TAG.numberOfFrames)),
    rows: unsignedShort(values.get(TAG.rows), isBigEndian),
    columns: unsignedShort(values.get(TAG.columns), isBigEndian),
    sliceThicknessMm: positiveDecimalString(values.get(TAG.sliceThickness)),
    contrastBolusAgent: text(TAG.contrastBolusAgent),
    patientAgeYears: ageStringInYears(values.get(TAG.patientAge)),
    accessionNumber: text(TAG.accessionNumber),
    expectedInstances: expectedInstances(values),
  });
}

function expectedInstances(values: RawValues): number | undefined {
  const count = (tag: number) => countString(values.get(tag));
  const whole = count(TAG.numberOfSeriesRelatedInstances) ?? count(TAG.cardiacNumberOfImages);
  if (whole !== undefined) return whole;
  const ofAcquisition = count(TAG.imagesInAcquisition);
  const product = ofAcquisition && ofAcquisition * (count(TAG.numberOfTemporalPositions) ?? 1);
  // DynamoDB's client refuses a row with a larger number.
  return Number.isSafeInteger(product) ? product : undefined;
}

function rawUidsOf(values: RawValues): Record<keyof RequiredUids, string | undefined> {
  return {
    studyInstanceUid: uidText(values.get(TAG.studyInstanceUid)),
    seriesInstanceUid: uidText(values.get(TAG.seriesInstanceUid)),
    // The file meta information repeats it (PS3.10 section 7.1); it counts if the data set has none.
    sopInstanceUid:
      uidText(values.get(TAG.sopInstanceUid)) ?? uidText(values.get(TAG.mediaStorageSopInstanceUid)),
  };
}

function requiredUidsOf(values: RawValues): RequiredUids | Rejection {
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = rawUidsOf(values);
  if (studyInstanceUid === undefined) return missing('studyInstanceUid');
  if (seriesInstanceUid === undefined) return missing('seriesInstanceUid');
  if (sopInstanceUid === undefined) return missing('sopInstanceUid');
  if (!isValidUid(studyInstanceUid)) return invalid('studyInstanceUid', studyInstanceUid);
  if (!isValidUid(seriesInstanceUid)) return invalid('seriesInstanceUid', seriesInstanceUid);
  if (!isValidUid(sopInstanceUid)) return invalid('sopInstanceUid', sopInstanceUid);
  return { studyInstanceUid, seriesInstanceUid, sopInstanceUid };
}

function missing(name: keyof RequiredUids): Rejection {
  return rejected(
    'missing_uid',
    `${UID_NAMES[name]} is absent or empty; send the instance again with it filled`,
  );
}

/** Readers differ in the choice between two values: Qure might assign the instance to another series. */
export function namedTwice(tag: number): Rejection {
  const name = (Object.keys(UID_NAMES) as (keyof typeof UID_NAMES)[]).find((key) => TAG[key] === tag);
  return rejected(
    'invalid_uid',
    `${name === undefined ? 'a UID' : UID_NAMES[name]} is there twice, with different values; correct it at the sender and send the instance again`,
  );
}

function invalid(name: keyof RequiredUids, value: string): Rejection {
  return rejected(
    'invalid_uid',
    `${UID_NAMES[name]} must be digits and dots, 64 characters at most; got ${value.length} characters that are ` +
      'not; correct it at the sender and send the instance again',
  );
}

function validUid(bytes: Uint8Array | undefined): string | undefined {
  const uid = uidText(bytes);
  return uid !== undefined && isValidUid(uid) ? uid : undefined;
}

type Known<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Removes undefined members: a row, and `exactOptionalPropertyTypes`, distinguish absent from undefined. */
function withoutAbsent(
  header: { [K in keyof Required<DicomHeader>]: DicomHeader[K] | undefined },
): DicomHeader {
  const present: Partial<Record<string, unknown>> = {};
  for (const [name, value] of Object.entries(header)) if (value !== undefined) present[name] = value;
  return present as unknown as Known<DicomHeader>;
}
