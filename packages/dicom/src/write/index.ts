export { ctElements, type SlicePlace } from './ct-elements.ts';
export { type DicomFileOptions, TRANSFER_SYNTAX, writeDicom } from './dicom-writer.ts';
export type { DicomElement } from './element-writer.ts';
export { CT_IMAGE_STORAGE, HEAD_CT, HEAD_SLICES, headCtElements } from './head-ct.ts';
export { commonElements, imageElements, type SeriesDescription } from './instance-elements.ts';
export { chestRadiograph, chestSlice, handRadiograph, localizerView, type Phantom } from './phantoms.ts';
