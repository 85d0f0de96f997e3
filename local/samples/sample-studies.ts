import { type DicomElement, writeDicom } from './dicom-writer.ts';
import {
  chestRadiograph,
  chestSlice,
  handRadiograph,
  headSlice,
  localizerView,
  type Phantom,
} from './phantoms.ts';
import { commonElements, imageElements, type SampleSeries } from './sample-instance.ts';
import { sampleUid } from './sample-uids.ts';

/** A file to drop: `path` is relative, with `/`. */
export interface SampleFile {
  path: string;
  bytes: Buffer;
}

/** DICOM PS3.6 table A-1. */
const SOP_CLASS = {
  ctImage: '1.2.840.10008.5.1.4.1.1.2',
  computedRadiography: '1.2.840.10008.5.1.4.1.1.1',
  digitalXRayForPresentation: '1.2.840.10008.5.1.4.1.1.1.1',
};
const SLICE_PIXELS = 256;
const HEAD_SLICES = 24;
const CHEST_SLICES = 30;
/** Stored values are Hounsfield units and this, as on most scanners: CT pixels are unsigned then. */
const RESCALE_INTERCEPT = -1024;

/**
 * Generated studies to try the pipeline with: a head CT with its localizer, a chest CT, a chest and a hand X-ray, and
 * one file that is cut off. Made one by one, as they are asked for; the same bytes every time; about 10 MB in all.
 */
export function* sampleStudies(): Generator<SampleFile> {
  yield* headCt();
  yield* localizer();
  yield* chestCt();
  yield chestXRay();
  yield handXRay();
  yield brokenFile();
}

const HEAD_CT: SampleSeries = {
  title: 'HEAD CT',
  study: 'head-ct',
  modality: 'CT',
  sopClassUid: SOP_CLASS.ctImage,
  bodyPartExamined: 'HEAD',
  imageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
  studyDescription: 'CT HEAD WITHOUT CONTRAST',
  seriesDescription: 'HEAD 5.0 NCCT',
  seriesNumber: 2,
};

function* headCt(): Generator<SampleFile> {
  for (let i = 1; i <= HEAD_SLICES; i += 1) {
    const phantom = headSlice((i - 0.5) / HEAD_SLICES, SLICE_PIXELS);
    const slice = { thicknessMm: 5, positionMm: (i - 1) * 5, pixelSpacingMm: 0.9 };
    yield ctFile(HEAD_CT, i, phantom, slice, { centre: 40, width: 80 });
  }
}

function* localizer(): Generator<SampleFile> {
  const series: SampleSeries = {
    ...HEAD_CT,
    imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'],
    seriesDescription: 'Localizer',
    seriesNumber: 1,
  };
  const slice = { thicknessMm: 1, positionMm: 0, pixelSpacingMm: 1 };
  yield ctFile(series, 1, localizerView(SLICE_PIXELS), slice, { centre: 100, width: 800 });
}

function* chestCt(): Generator<SampleFile> {
  const series: SampleSeries = {
    title: 'CHEST CT',
    study: 'chest-ct',
    modality: 'CT',
    sopClassUid: SOP_CLASS.ctImage,
    bodyPartExamined: 'CHEST',
    imageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
    studyDescription: 'CT THORAX',
    seriesDescription: 'LUNG 3.0',
    seriesNumber: 2,
  };
  for (let i = 1; i <= CHEST_SLICES; i += 1) {
    const phantom = chestSlice((i - 0.5) / CHEST_SLICES, SLICE_PIXELS);
    const slice = { thicknessMm: 3, positionMm: (i - 1) * 10, pixelSpacingMm: 1.5 };
    yield ctFile(series, i, phantom, slice, { centre: -500, width: 1500 });
  }
}

function ctFile(
  series: SampleSeries,
  instanceNumber: number,
  phantom: Phantom,
  slice: { thicknessMm: number; positionMm: number; pixelSpacingMm: number },
  window: { centre: number; width: number },
): SampleFile {
  const left = (-slice.pixelSpacingMm * phantom.columns) / 2;
  const top = (-slice.pixelSpacingMm * phantom.rows) / 2;
  const stored = { ...phantom, pixels: phantom.pixels.map((hu) => Math.max(0, hu - RESCALE_INTERCEPT)) };
  const elements: DicomElement[] = [
    ...commonElements(series, instanceNumber),
    { tag: 0x00180050, vr: 'DS', value: slice.thicknessMm },
    { tag: 0x00180060, vr: 'DS', value: 120 },
    { tag: 0x00185100, vr: 'CS', value: 'HFS' },
    { tag: 0x00200032, vr: 'DS', value: [left, top, slice.positionMm] },
    { tag: 0x00200037, vr: 'DS', value: [1, 0, 0, 0, 1, 0] },
    { tag: 0x00200052, vr: 'UI', value: sampleUid(`${series.study}/frame of reference`) },
    { tag: 0x00280030, vr: 'DS', value: [slice.pixelSpacingMm, slice.pixelSpacingMm] },
    { tag: 0x00281052, vr: 'DS', value: RESCALE_INTERCEPT },
    { tag: 0x00281053, vr: 'DS', value: 1 },
    { tag: 0x00281054, vr: 'LO', value: 'HU' },
    ...imageElements(stored, { stored: 16, isSigned: false }, window),
  ];
  const folder = `${series.study}/series-${series.seriesNumber}`;
  return {
    path: `${folder}/image-${String(instanceNumber).padStart(3, '0')}.dcm`,
    bytes: writeDicom(elements),
  };
}

const CHEST_X_RAY: SampleSeries = {
  title: 'CHEST X-RAY',
  study: 'chest-x-ray',
  modality: 'DX',
  sopClassUid: SOP_CLASS.digitalXRayForPresentation,
  bodyPartExamined: 'CHEST',
  imageType: ['ORIGINAL', 'PRIMARY'],
  studyDescription: 'XR CHEST',
  seriesDescription: 'CHEST PA',
  seriesNumber: 1,
};

function chestXRay(): SampleFile {
  const bytes = xRayBytes(CHEST_X_RAY, 'PA', chestRadiograph(768, 768));
  return { path: 'chest-x-ray/chest-pa.dcm', bytes };
}

function handXRay(): SampleFile {
  const series: SampleSeries = {
    ...CHEST_X_RAY,
    title: 'HAND X-RAY',
    study: 'hand-x-ray',
    modality: 'CR',
    sopClassUid: SOP_CLASS.computedRadiography,
    bodyPartExamined: 'HAND',
    studyDescription: 'XR HAND LEFT',
    seriesDescription: 'HAND AP',
  };
  return { path: 'hand-x-ray/hand', bytes: xRayBytes(series, 'AP', handRadiograph(640, 512)) };
}

/** A chest X-ray that lost its second half on the way. */
function brokenFile(): SampleFile {
  const series = { ...CHEST_X_RAY, title: 'BROKEN X-RAY', study: 'broken-x-ray' };
  const bytes = xRayBytes(series, 'PA', chestRadiograph(256, 256));
  return { path: 'broken/cut-off.dcm', bytes: bytes.subarray(0, bytes.length / 2) };
}

function xRayBytes(series: SampleSeries, viewPosition: string, phantom: Phantom): Buffer {
  return writeDicom([
    ...commonElements(series, 1),
    { tag: 0x00080068, vr: 'CS', value: 'FOR PRESENTATION' },
    { tag: 0x00181164, vr: 'DS', value: [0.5, 0.5] },
    { tag: 0x00185101, vr: 'CS', value: viewPosition },
    { tag: 0x00280030, vr: 'DS', value: [0.5, 0.5] },
    ...imageElements(phantom, { stored: 12, isSigned: false }, { centre: 2000, width: 4000 }),
  ]);
}
