import { gzipSync } from 'node:zlib';
import type { DicomElement } from '@qure-dropoff/dicom/write';
import { TRANSFER_SYNTAX, writeDicom } from '@qure-dropoff/dicom/write';
import { sampleUid } from '../local/samples/sample-uids.ts';

/** DICOM PS3.6 table A-1. */
const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
const DIGITAL_X_RAY_STORAGE = '1.2.840.10008.5.1.4.1.1.1.1';
const RECTANGLE = 512;
/** 512 × 512 pixels of 16 bits: a CT slice as scanners send it. */
export const CT_PIXEL_BYTES = RECTANGLE * RECTANGLE * 2;
const REAL_LIKE_HEADER_BYTES = 12 * 1024;

export interface SliceOptions {
  /** Names the series; the same name makes the same UIDs. */
  series: string;
  instanceNumber: number;
  pixelBytes?: number;
  transferSyntaxUid?: string;
  /** StationName (0008,1010). @default none */
  station?: string;
  /** @default 'HEAD' */
  region?: 'HEAD' | 'CHEST';
  /** Adds private and sequence elements until the header has the size of a scanner's. */
  hasLongHeader?: boolean;
}

/** One slice of a head CT, routed to qER by the default rules, or of a chest CT, to qCT. Its pixels are zeros: nothing here reads them. */
export function ctSlice(options: SliceOptions): Buffer {
  const { series, instanceNumber, pixelBytes = CT_PIXEL_BYTES, transferSyntaxUid, region = 'HEAD' } = options;
  const elements: DicomElement[] = [
    { tag: 0x00080005, vr: 'CS', value: 'ISO_IR 100' },
    { tag: 0x00080008, vr: 'CS', value: ['ORIGINAL', 'PRIMARY', 'AXIAL'] },
    { tag: 0x00080016, vr: 'UI', value: CT_IMAGE_STORAGE },
    { tag: 0x00080018, vr: 'UI', value: sampleUid(`${series}/${instanceNumber}`) },
    { tag: 0x00080050, vr: 'SH', value: 'BENCH' },
    { tag: 0x00080060, vr: 'CS', value: 'CT' },
    { tag: 0x00080070, vr: 'LO', value: 'Generated sample' },
    ...stationElements(options.station),
    { tag: 0x00081030, vr: 'LO', value: `CT ${region} WITHOUT CONTRAST` },
    { tag: 0x0008103e, vr: 'LO', value: `${region} 5.0 NCCT` },
    { tag: 0x00101010, vr: 'AS', value: '050Y' },
    { tag: 0x00180015, vr: 'CS', value: region },
    { tag: 0x00180050, vr: 'DS', value: 5 },
    { tag: 0x00181030, vr: 'LO', value: `${region} ROUTINE` },
    { tag: 0x00181210, vr: 'SH', value: 'H30s' },
    { tag: 0x0020000d, vr: 'UI', value: sampleUid(`${series}/study`) },
    { tag: 0x0020000e, vr: 'UI', value: sampleUid(`${series}/series`) },
    { tag: 0x00200013, vr: 'IS', value: instanceNumber },
    { tag: 0x00200032, vr: 'DS', value: [-115, -115, (instanceNumber - 1) * 5] },
    { tag: 0x00200037, vr: 'DS', value: [1, 0, 0, 0, 1, 0] },
    { tag: 0x00280002, vr: 'US', value: 1 },
    { tag: 0x00280010, vr: 'US', value: RECTANGLE },
    { tag: 0x00280011, vr: 'US', value: RECTANGLE },
    { tag: 0x7fe00010, vr: 'OW', value: Buffer.alloc(pixelBytes) },
    ...(options.hasLongHeader ? scannerElements() : []),
  ];
  return writeDicom(elements, transferSyntaxUid === undefined ? {} : { transferSyntaxUid });
}

/** One chest X-ray, a series of its own, routed to qXR by the default rules. */
export function chestXRay(series: string, pixelBytes: number, station?: string): Buffer {
  return writeDicom([
    { tag: 0x00080005, vr: 'CS', value: 'ISO_IR 100' },
    { tag: 0x00080008, vr: 'CS', value: ['ORIGINAL', 'PRIMARY'] },
    { tag: 0x00080016, vr: 'UI', value: DIGITAL_X_RAY_STORAGE },
    { tag: 0x00080018, vr: 'UI', value: sampleUid(`${series}/1`) },
    { tag: 0x00080060, vr: 'CS', value: 'DX' },
    ...stationElements(station),
    { tag: 0x00081030, vr: 'LO', value: 'XR CHEST' },
    { tag: 0x0008103e, vr: 'LO', value: 'CHEST PA' },
    { tag: 0x00101010, vr: 'AS', value: '050Y' },
    { tag: 0x00180015, vr: 'CS', value: 'CHEST' },
    { tag: 0x00185101, vr: 'CS', value: 'PA' },
    { tag: 0x0020000d, vr: 'UI', value: sampleUid(`${series}/study`) },
    { tag: 0x0020000e, vr: 'UI', value: sampleUid(`${series}/series`) },
    { tag: 0x00200013, vr: 'IS', value: 1 },
    { tag: 0x00280002, vr: 'US', value: 1 },
    { tag: 0x00280010, vr: 'US', value: RECTANGLE },
    { tag: 0x00280011, vr: 'US', value: RECTANGLE },
    { tag: 0x7fe00010, vr: 'OW', value: Buffer.alloc(pixelBytes) },
  ]);
}

function stationElements(station: string | undefined): DicomElement[] {
  return station === undefined ? [] : [{ tag: 0x00081010, vr: 'SH', value: station }];
}

/**
 * What makes a scanner's header long: private elements before and between the wanted ones, and sequences of undefined
 * length. About 12 KiB, where the last wanted element of 237 real files ended at most.
 */
function scannerElements(): DicomElement[] {
  const elements: DicomElement[] = [
    { tag: 0x00081140, vr: 'SQ', value: { items: references(12), isUndefinedLength: true } },
    { tag: 0x00189346, vr: 'SQ', value: { items: references(1), isUndefinedLength: true } },
  ];
  let sizeBytes = 1600;
  for (const group of [0x0009, 0x0019, 0x0021, 0x0027]) {
    elements.push({ tag: group * 0x10000 + 0x0010, vr: 'LO', value: 'BENCH PRIVATE' });
    for (let element = 0x1001; element < 0x1001 + 45; element += 1) {
      const isText = element % 3 !== 0;
      elements.push(
        isText
          ? {
              tag: group * 0x10000 + element,
              vr: 'LO',
              value: `private value ${element} of a scanner, as usual`,
            }
          : { tag: group * 0x10000 + element, vr: 'OB', value: Buffer.alloc(64, element) },
      );
      sizeBytes += isText ? 54 : 76;
      if (sizeBytes > REAL_LIKE_HEADER_BYTES) return elements;
    }
  }
  return elements;
}

/** Items of (0008,1140) Referenced Image Sequence. */
function references(count: number): DicomElement[][] {
  return Array.from({ length: count }, (_item, at) => [
    { tag: 0x00081150, vr: 'UI', value: CT_IMAGE_STORAGE },
    { tag: 0x00081155, vr: 'UI', value: sampleUid(`reference/${at}`) },
  ]);
}

export interface HeaderFile {
  name: string;
  bytes: Buffer;
}

/** The kinds of files whose headers are read in turn. */
export function headerFiles(): HeaderFile[] {
  const slice = (options: Partial<SliceOptions>) =>
    ctSlice({ series: 'header', instanceNumber: 1, ...options });
  return [
    { name: 'sample CT', bytes: slice({}) },
    { name: 'CT with 12 KB header', bytes: slice({ hasLongHeader: true }) },
    {
      name: 'implicit, 12 KB header',
      bytes: slice({ hasLongHeader: true, transferSyntaxUid: TRANSFER_SYNTAX.implicitLittleEndian }),
    },
    {
      name: 'deflated, 12 KB header',
      bytes: slice({ hasLongHeader: true, transferSyntaxUid: TRANSFER_SYNTAX.deflatedLittleEndian }),
    },
    { name: 'gzip, 12 KB header', bytes: gzipSync(slice({ hasLongHeader: true })) },
  ];
}
