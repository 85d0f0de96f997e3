import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { buildDicom } from '@qure-dropoff/dicom/testing';

/** What a series of a scenario is a scan of. */
export const SERIES_KINDS = [
  'head-ct',
  'chest-ct',
  'chest-xray',
  'structured-report',
  'unsupported-ct',
  'stroke-ct',
] as const;
export type SeriesKind = (typeof SERIES_KINDS)[number];

const OVERRIDES = {
  'head-ct': { seriesDescription: 'HEAD NCCT', bodyPartExamined: 'HEAD' },
  // Its scanner counts a whole acquisition, of which the series is a part.
  'chest-ct': { seriesDescription: 'CHEST', bodyPartExamined: 'CHEST', expectedInstances: 999 },
  'chest-xray': {
    modality: 'DX',
    sopClassUid: '1.2.840.10008.5.1.4.1.1.1.1',
    bodyPartExamined: 'CHEST',
    seriesDescription: 'CHEST PA',
  },
  'structured-report': { modality: 'SR', sopClassUid: '1.2.840.10008.5.1.4.1.1.88.11', pixels: false },
  'unsupported-ct': { seriesDescription: 'HEAD NCCT', bodyPartExamined: 'HEAD' },
  // Takes the urgent lanes.
  'stroke-ct': { seriesDescription: 'HEAD NCCT', bodyPartExamined: 'HEAD', studyDescription: 'CODE STROKE' },
} as const;

/** Never to be seen outside the bucket and the table. */
export const PATIENT_WORD = 'Doe^Patient';

/** In every PatientID, and seen outside the files nowhere, not even in the table. */
export const PATIENT_ID_WORD = 'Id-of-patient-';

/** Of an instance that a sender has given to another one by mistake. */
export const OTHER_PATIENT = `${PATIENT_ID_WORD}other`;

/** @param series the number at the end of its UID */
export function patientIdOf(series: number | string): string {
  return `${PATIENT_ID_WORD}${series}`;
}

const UID_ROOT = '1.2.826.0.1.3680043.8.498';
const KIND_CODES: Record<SeriesKind, number> = {
  'head-ct': 1,
  'chest-ct': 2,
  'chest-xray': 3,
  'structured-report': 4,
  'unsupported-ct': 5,
  'stroke-ct': 6,
};

/** Series of a scenario are told by their kind and number, the same in every scenario, so that their files are made once. */
export function seriesUidOf(kind: SeriesKind, series: number): string {
  return `${UID_ROOT}.${KIND_CODES[kind]}.${series}`;
}

export function sopUidOf(kind: SeriesKind, series: number, instance: number): string {
  return `${seriesUidOf(kind, series)}.${instance}`;
}

export function isUnsupported(seriesInstanceUid: string): boolean {
  return seriesInstanceUid.startsWith(`${UID_ROOT}.${KIND_CODES['unsupported-ct']}.`);
}

/** Whether its slices make a volume. */
export function isCt(kind: SeriesKind): boolean {
  return kind !== 'chest-xray' && kind !== 'structured-report';
}

function geometryOf(instance: number) {
  return { imagePositionMm: [0, 0, instance * 5], imageOrientation: [1, 0, 0, 0, 1, 0] };
}

/** The number of the slice that is missing between others, where it is just one; as a person with the list in hand would see it. */
export function missingSlice(sopInstanceUids: readonly string[]): number | undefined {
  const numbers = sopInstanceUids.map(instanceNumberOf).sort((a, b) => a - b);
  const gaps = numbers.flatMap((number, at) =>
    number - (numbers[at - 1] ?? number - 1) === 1 ? [] : [number - 1],
  );
  const [gap] = gaps;
  const isOne = numbers.length >= 3 && gaps.length === 1 && gap !== undefined && numbers.includes(gap - 1);
  return isOne ? gap : undefined;
}

/** Whether the numbers of the slices follow one another. */
export function isWholeStack(sopInstanceUids: readonly string[]): boolean {
  const numbers = sopInstanceUids.map(instanceNumberOf);
  return Math.max(...numbers) - Math.min(...numbers) === numbers.length - 1;
}

function instanceNumberOf(sopInstanceUid: string): number {
  return Number(sopInstanceUid.slice(sopInstanceUid.lastIndexOf('.') + 1));
}

export function hasPixels(seriesInstanceUid: string): boolean {
  return !seriesInstanceUid.startsWith(`${UID_ROOT}.${KIND_CODES['structured-report']}.`);
}

/** As Qure reads it; some X-rays of a chest it takes for something else. */
export function usecaseOf(uid: string): string {
  const isOf = (kind: SeriesKind) => uid.startsWith(`${UID_ROOT}.${KIND_CODES[kind]}.`);
  if (isOf('chest-ct')) return 'qct';
  if (isOf('chest-xray')) return Number(uid.slice(uid.lastIndexOf('.') + 1)) % 3 === 0 ? 'qmsk' : 'qxr';
  return 'qer';
}

/** Every fifth X-ray is an invalid scan to Qure (206). */
export function isInvalidScan(sopInstanceUid: string): boolean {
  const isXray = sopInstanceUid.startsWith(`${UID_ROOT}.${KIND_CODES['chest-xray']}.`);
  return isXray && instanceNumberOf(sopInstanceUid) % 5 === 0;
}

export interface ScanFile {
  bytes: Buffer;
  /** The same in a gzip. */
  packed: Buffer;
  /** MD5: what Qure holds is compared by it. */
  content: string;
}

const files = new Map<string, ScanFile>();

/** One instance. Another `version` has the same SOPInstanceUID and other pixels. */
export function scanFile(kind: SeriesKind, series: number, instance: number, version: number): ScanFile {
  const id = `${kind} ${series} ${instance} ${version}`;
  const made = files.get(id);
  if (made !== undefined) return made;
  const bytes = buildDicom({
    ...OVERRIDES[kind],
    studyInstanceUid: `${UID_ROOT}.9.${series}`,
    seriesInstanceUid: seriesUidOf(kind, series),
    sopInstanceUid: sopUidOf(kind, series, instance),
    instanceNumber: instance,
    ...(isCt(kind) ? geometryOf(instance) : {}),
    elements: patientElements(patientIdOf(series)),
    ...(kind === 'structured-report' ? {} : { pixels: Buffer.alloc(32, version) }),
  });
  const file = { bytes, packed: gzipSync(bytes), content: md5(bytes) };
  files.set(id, file);
  return file;
}

/** Of what a file says that it is of another one. */
export type ForeignOwner = 'study' | 'patient';

/** In every DICOM file of another study or patient. */
export const FOREIGN_WORD = 'SOMEBODY ELSE';

const foreignContents = new Set<string>();

/** An instance of a series, in its place among the slices, that its header gives to another study or patient. */
export function foreignFile(
  seriesInstanceUid: string,
  sopInstanceUid: string,
  owner: ForeignOwner,
): ScanFile {
  const kind = SERIES_KINDS.find((one) => seriesInstanceUid.startsWith(`${UID_ROOT}.${KIND_CODES[one]}.`));
  const instanceNumber = instanceNumberOf(sopInstanceUid);
  const bytes = buildDicom({
    ...(kind === undefined ? {} : OVERRIDES[kind]),
    seriesInstanceUid,
    sopInstanceUid,
    instanceNumber,
    ...(kind !== undefined && isCt(kind) ? geometryOf(instanceNumber) : {}),
    ...ownerOf(seriesInstanceUid, owner),
  });
  const content = md5(bytes);
  foreignContents.add(content);
  return { bytes, packed: gzipSync(bytes), content };
}

export function isForeign(content: string): boolean {
  return foreignContents.has(content);
}

/**
 * A secondary capture that Qure makes of a series. A foreign one is of nobody whose instance a sender has dropped by mistake
 * (`foreignFile`): where that one stands alone in its series, a capture of the same person would be rightly stored.
 */
export function captureOf(seriesInstanceUid: string, owner?: ForeignOwner): Buffer {
  const uids = {
    seriesInstanceUid: `${seriesInstanceUid}.9000`,
    sopInstanceUid: `${seriesInstanceUid}.9000.1`,
  };
  return buildDicom({
    ...uids,
    modality: 'OT',
    ...ownerOf(seriesInstanceUid, owner, 98, `${PATIENT_ID_WORD}third`),
  });
}

function ownerOf(
  seriesInstanceUid: string,
  owner: ForeignOwner | undefined,
  otherStudy = 99,
  otherPatient = OTHER_PATIENT,
) {
  const series = seriesInstanceUid.slice(UID_ROOT.length).split('.')[2] ?? '';
  return {
    studyInstanceUid: `${UID_ROOT}.${owner === 'study' ? otherStudy : 9}.${series}`,
    ...(owner === undefined ? {} : { manufacturer: FOREIGN_WORD }),
    elements: patientElements(owner === 'patient' ? otherPatient : patientIdOf(series)),
  };
}

function patientElements(patientId: string) {
  return [
    { tag: 0x00100010, vr: 'PN', value: PATIENT_WORD },
    { tag: 0x00100020, vr: 'LO', value: patientId },
  ];
}

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}
