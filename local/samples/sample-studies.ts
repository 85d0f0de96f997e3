import type { DicomElement } from '@qure-dropoff/dicom/write';
import {
  CT_IMAGE_STORAGE,
  chestRadiograph,
  chestSlice,
  ctElements,
  HEAD_CT as HEAD_CT_DESCRIPTION,
  HEAD_SLICES,
  handRadiograph,
  headCtElements,
  imageElements,
  localizerView,
  type Phantom,
  type SlicePlace,
  writeDicom,
} from '@qure-dropoff/dicom/write';
import { type SampleSeries, sampleElements, sampleFrameOfReference } from './sample-series.ts';

/** A file to drop: `path` is relative, with `/`. */
export interface SampleFile {
  path: string;
  bytes: Buffer;
}

/** DICOM PS3.6 table A-1. */
const SOP_CLASS = {
  computedRadiography: '1.2.840.10008.5.1.4.1.1.1',
  digitalXRayForPresentation: '1.2.840.10008.5.1.4.1.1.1.1',
};
const SLICE_PIXELS = 256;
const CHEST_SLICES = 30;

/**
 * Generated studies for a first run of the pipeline: a head CT with its localizer, a chest CT, a chest and a hand
 * X-ray, and one file that is cut off. Generated one by one on demand, with the same bytes every time; about 10 MB in
 * total.
 */
export function* sampleStudies(): Generator<SampleFile> {
  yield* headCt();
  yield* localizer();
  yield* chestCt();
  yield chestXRay();
  yield handXRay();
  yield brokenFile();
}

/** The simulator reports a bleed in it: the mark decides (docs/qure-simulator.md). */
const HEAD_CT: SampleSeries = {
  ...HEAD_CT_DESCRIPTION,
  seriesDescription: 'HEAD 5.0 NCCT [critical]',
  title: 'HEAD CT',
  study: 'head-ct',
  accession: 'A123',
};

function* headCt(): Generator<SampleFile> {
  for (let i = 1; i <= HEAD_SLICES; i += 1) {
    yield ctFile(HEAD_CT, i, headCtElements(i, SLICE_PIXELS, sampleFrameOfReference(HEAD_CT)));
  }
}

function* localizer(): Generator<SampleFile> {
  const series: SampleSeries = {
    ...HEAD_CT,
    imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'],
    seriesDescription: 'Localizer',
    seriesNumber: 1,
  };
  const place = { thicknessMm: 1, positionMm: 0, pixelSpacingMm: 1 };
  const window = { centre: 100, width: 800 };
  yield ctFile(series, 1, slice(series, localizerView(SLICE_PIXELS), place, window));
}

function* chestCt(): Generator<SampleFile> {
  const series: SampleSeries = {
    title: 'CHEST CT',
    study: 'chest-ct',
    accession: 'A124',
    modality: 'CT',
    sopClassUid: CT_IMAGE_STORAGE,
    bodyPartExamined: 'CHEST',
    imageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
    studyDescription: 'CT THORAX',
    seriesDescription: 'LUNG 3.0',
    seriesNumber: 2,
  };
  for (let i = 1; i <= CHEST_SLICES; i += 1) {
    const phantom = chestSlice((i - 0.5) / CHEST_SLICES, SLICE_PIXELS);
    const place = { thicknessMm: 3, positionMm: (i - 1) * 10, pixelSpacingMm: 1.5 };
    yield ctFile(series, i, slice(series, phantom, place, { centre: -500, width: 1500 }));
  }
}

function slice(
  series: SampleSeries,
  phantom: Phantom,
  place: SlicePlace,
  window: { centre: number; width: number },
): DicomElement[] {
  return ctElements(phantom, place, window, sampleFrameOfReference(series));
}

function ctFile(series: SampleSeries, instanceNumber: number, elements: DicomElement[]): SampleFile {
  const folder = `${series.study}/series-${series.seriesNumber}`;
  return {
    path: `${folder}/image-${String(instanceNumber).padStart(3, '0')}.dcm`,
    bytes: writeDicom([...sampleElements(series, instanceNumber), ...elements]),
  };
}

const CHEST_X_RAY: SampleSeries = {
  title: 'CHEST X-RAY',
  study: 'chest-x-ray',
  accession: 'A125',
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
    accession: 'A126',
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
  const series = { ...CHEST_X_RAY, title: 'BROKEN X-RAY', study: 'broken-x-ray', accession: 'A127' };
  const bytes = xRayBytes(series, 'PA', chestRadiograph(256, 256));
  return { path: 'broken/cut-off.dcm', bytes: bytes.subarray(0, bytes.length / 2) };
}

function xRayBytes(series: SampleSeries, viewPosition: string, phantom: Phantom): Buffer {
  return writeDicom([
    ...sampleElements(series, 1),
    { tag: 0x00080068, vr: 'CS', value: 'FOR PRESENTATION' },
    { tag: 0x00181164, vr: 'DS', value: [0.5, 0.5] },
    { tag: 0x00185101, vr: 'CS', value: viewPosition },
    { tag: 0x00280030, vr: 'DS', value: [0.5, 0.5] },
    ...imageElements(phantom, { stored: 12, isSigned: false }, { centre: 2000, width: 4000 }),
  ]);
}
