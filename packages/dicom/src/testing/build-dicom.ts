import type { DicomHeader } from '../read/dicom-header.ts';
import { type DicomFileOptions, writeDicom } from '../write/dicom-writer.ts';

import type { DicomElement } from '../write/element-writer.ts';

export { TRANSFER_SYNTAX } from '../write/dicom-writer.ts';

/** Fields of `DicomHeader`; `undefined` leaves the attribute out of the file. */
type HeaderFields = { [K in keyof DicomHeader]?: DicomHeader[K] | undefined };

export interface DicomOverrides extends Omit<HeaderFields, 'transferSyntaxUid'>, DicomFileOptions {
  /** Added to the others; an element with the same tag is replaced. */
  elements?: DicomElement[];
  /** Content of (7FE0,0010), or a number of zero bytes; `false` leaves it out. Default: 128 bytes. */
  pixels?: Uint8Array | number | false;
  /** Adds a private element (0009,1001) of this many bytes, before every wanted element except those of group 0008. */
  privateFillerBytes?: number;
}

const DEFAULTS: HeaderFields = {
  studyInstanceUid: '1.2.826.0.1.3680043.8.498.1',
  seriesInstanceUid: '1.2.826.0.1.3680043.8.498.2',
  sopInstanceUid: '1.2.826.0.1.3680043.8.498.3',
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  modality: 'CT',
  bodyPartExamined: 'HEAD',
  rows: 8,
  columns: 8,
};

/** Tag and VR of each field that is written unchanged. */
const FIELDS = {
  imageType: [0x00080008, 'CS'],
  sopClassUid: [0x00080016, 'UI'],
  sopInstanceUid: [0x00080018, 'UI'],
  accessionNumber: [0x00080050, 'SH'],
  modality: [0x00080060, 'CS'],
  manufacturer: [0x00080070, 'LO'],
  stationName: [0x00081010, 'SH'],
  studyDescription: [0x00081030, 'LO'],
  seriesDescription: [0x0008103e, 'LO'],
  manufacturerModelName: [0x00081090, 'LO'],
  contrastBolusAgent: [0x00180010, 'LO'],
  bodyPartExamined: [0x00180015, 'CS'],
  sliceThicknessMm: [0x00180050, 'DS'],
  protocolName: [0x00181030, 'LO'],
  convolutionKernel: [0x00181210, 'SH'],
  viewPosition: [0x00185101, 'CS'],
  studyInstanceUid: [0x0020000d, 'UI'],
  seriesInstanceUid: [0x0020000e, 'UI'],
  acquisitionNumber: [0x00200012, 'IS'],
  instanceNumber: [0x00200013, 'IS'],
  imagePositionMm: [0x00200032, 'DS'],
  imageOrientation: [0x00200037, 'DS'],
  expectedInstances: [0x00201209, 'IS'],
  numberOfFrames: [0x00280008, 'IS'],
  rows: [0x00280010, 'US'],
  columns: [0x00280011, 'US'],
} as const;

/** A DICOMDIR, the index of a medium: no UIDs of a scan, and elements of group 0004. */
export const DIRECTORY: DicomOverrides = {
  mediaStorageSopClassUid: '1.2.840.10008.1.3.10',
  studyInstanceUid: undefined,
  seriesInstanceUid: undefined,
  sopInstanceUid: undefined,
  sopClassUid: undefined,
  modality: undefined,
  bodyPartExamined: undefined,
  rows: undefined,
  columns: undefined,
  pixels: false,
  elements: [{ tag: 0x00041130, vr: 'CS', value: 'DISC' }],
};

/** A DICOM file: a small head CT slice with the given overrides. The same overrides give the same bytes. */
export function buildDicom(overrides: DicomOverrides = {}): Buffer {
  const fields = { ...DEFAULTS, ...overrides };
  const elements = new Map<number, DicomElement>();
  const add = (tag: number, vr: string, value: DicomElement['value']) =>
    elements.set(tag, { tag, vr, value });

  for (const [name, [tag, vr]] of Object.entries(FIELDS)) {
    const value = fields[name as keyof typeof FIELDS];
    if (value !== undefined) add(tag, vr, value);
  }
  if (fields.patientAgeYears !== undefined) {
    add(0x00101010, 'AS', `${String(fields.patientAgeYears).padStart(3, '0')}Y`);
  }
  if (overrides.isUtf8) add(0x00080005, 'CS', 'ISO_IR 192');
  if (overrides.privateFillerBytes !== undefined) {
    add(0x00090010, 'LO', 'FILLER');
    add(0x00091001, 'OB', Buffer.alloc(overrides.privateFillerBytes, 0x5a));
  }
  const pixels = overrides.pixels ?? 128;
  if (pixels !== false) add(0x7fe00010, 'OW', typeof pixels === 'number' ? Buffer.alloc(pixels) : pixels);
  for (const { tag, vr, value } of overrides.elements ?? []) add(tag, vr, value);
  return writeDicom([...elements.values()], overrides);
}
