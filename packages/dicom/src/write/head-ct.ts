import { ctElements } from './ct-elements.ts';
import type { DicomElement } from './element-writer.ts';
import type { SeriesDescription } from './instance-elements.ts';
import { headSlice } from './phantoms.ts';

/** CT Image Storage (DICOM PS3.6 table A-1). */
export const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';

/** A head CT without contrast, which the default rules send to qER. */
export const HEAD_CT: SeriesDescription = {
  modality: 'CT',
  sopClassUid: CT_IMAGE_STORAGE,
  bodyPartExamined: 'HEAD',
  imageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
  studyDescription: 'CT HEAD WITHOUT CONTRAST',
  seriesDescription: 'HEAD 5.0 NCCT',
  seriesNumber: 2,
};

/** Slices of 5 mm from the skull base to the vertex. */
export const HEAD_SLICES = 24;
/** Width of the image: of 256 pixels 0.9 mm apart. */
const FIELD_OF_VIEW_MM = 230.4;

/** The elements of slice `number` that are specific to the head, from 1 to `HEAD_SLICES`. */
export function headCtElements(
  number: number,
  sizePixels: number,
  frameOfReferenceUid: string,
): DicomElement[] {
  return ctElements(
    headSlice((number - 0.5) / HEAD_SLICES, sizePixels),
    { thicknessMm: 5, positionMm: (number - 1) * 5, pixelSpacingMm: FIELD_OF_VIEW_MM / sizePixels },
    { centre: 40, width: 80 },
    frameOfReferenceUid,
  );
}
