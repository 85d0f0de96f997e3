import type { DicomElement } from './element-writer.ts';
import type { Phantom } from './phantoms.ts';

/** The attributes by which a series is routed to a product. */
export interface SeriesDescription {
  modality: 'CT' | 'DX' | 'CR';
  sopClassUid: string;
  bodyPartExamined: string;
  imageType: string[];
  studyDescription: string;
  seriesDescription: string;
  seriesNumber: number;
}

/** The common attributes of the instances of one generated series. */
export interface GeneratedSeries extends SeriesDescription {
  studyInstanceUid: string;
  seriesInstanceUid: string;
  /** Not a person: it names the generator of the images. */
  patientName: string;
  /** PatientID, AccessionNumber and StudyID; at most 16 characters (PS3.5 section 6.2, SH). */
  label: string;
  manufacturer: string;
  /** `YYYYMMDD` */
  date: string;
  /** `HHMMSS` */
  time: string;
}

/** The elements of every generated instance, without those of its modality and the pixels. */
export function commonElements(
  series: GeneratedSeries,
  instance: { number: number; sopInstanceUid: string },
): DicomElement[] {
  return [
    { tag: 0x00080005, vr: 'CS', value: 'ISO_IR 100' },
    { tag: 0x00080008, vr: 'CS', value: series.imageType },
    { tag: 0x00080016, vr: 'UI', value: series.sopClassUid },
    { tag: 0x00080018, vr: 'UI', value: instance.sopInstanceUid },
    { tag: 0x00080020, vr: 'DA', value: series.date },
    { tag: 0x00080023, vr: 'DA', value: series.date },
    { tag: 0x00080030, vr: 'TM', value: series.time },
    { tag: 0x00080033, vr: 'TM', value: series.time },
    { tag: 0x00080050, vr: 'SH', value: series.label },
    { tag: 0x00080060, vr: 'CS', value: series.modality },
    { tag: 0x00080070, vr: 'LO', value: series.manufacturer },
    { tag: 0x00080090, vr: 'PN', value: '' },
    { tag: 0x00081030, vr: 'LO', value: series.studyDescription },
    { tag: 0x0008103e, vr: 'LO', value: series.seriesDescription },
    { tag: 0x00100010, vr: 'PN', value: series.patientName },
    { tag: 0x00100020, vr: 'LO', value: series.label },
    { tag: 0x00100030, vr: 'DA', value: '' },
    { tag: 0x00100040, vr: 'CS', value: 'O' },
    { tag: 0x00101010, vr: 'AS', value: '050Y' },
    { tag: 0x00180015, vr: 'CS', value: series.bodyPartExamined },
    { tag: 0x0020000d, vr: 'UI', value: series.studyInstanceUid },
    { tag: 0x0020000e, vr: 'UI', value: series.seriesInstanceUid },
    { tag: 0x00200010, vr: 'SH', value: series.label },
    { tag: 0x00200011, vr: 'IS', value: series.seriesNumber },
    { tag: 0x00200013, vr: 'IS', value: instance.number },
  ];
}

/** Image Pixel module (PS3.3 section C.7.6.3) and the window that shows the image well, in stored units or HU. */
export function imageElements(
  { rows, columns, pixels }: Phantom,
  bits: { stored: number; isSigned: boolean },
  window: { centre: number; width: number },
): DicomElement[] {
  return [
    { tag: 0x00280002, vr: 'US', value: 1 },
    { tag: 0x00280004, vr: 'CS', value: 'MONOCHROME2' },
    { tag: 0x00280010, vr: 'US', value: rows },
    { tag: 0x00280011, vr: 'US', value: columns },
    { tag: 0x00280100, vr: 'US', value: 16 },
    { tag: 0x00280101, vr: 'US', value: bits.stored },
    { tag: 0x00280102, vr: 'US', value: bits.stored - 1 },
    { tag: 0x00280103, vr: 'US', value: bits.isSigned ? 1 : 0 },
    { tag: 0x00281050, vr: 'DS', value: window.centre },
    { tag: 0x00281051, vr: 'DS', value: window.width },
    { tag: 0x7fe00010, vr: 'OW', value: littleEndianBytes(pixels) },
  ];
}

function littleEndianBytes(pixels: Int16Array): Buffer {
  const bytes = Buffer.alloc(pixels.length * 2);
  pixels.forEach((pixel, i) => {
    bytes.writeInt16LE(pixel, i * 2);
  });
  return bytes;
}
