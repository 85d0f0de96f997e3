/** Data elements that the index reads, named as in DICOM PS3.6: group and element as one number. */
export const TAG = {
  mediaStorageSopClassUid: 0x00020002,
  mediaStorageSopInstanceUid: 0x00020003,
  transferSyntaxUid: 0x00020010,
  specificCharacterSet: 0x00080005,
  imageType: 0x00080008,
  sopClassUid: 0x00080016,
  sopInstanceUid: 0x00080018,
  accessionNumber: 0x00080050,
  modality: 0x00080060,
  manufacturer: 0x00080070,
  stationName: 0x00081010,
  studyDescription: 0x00081030,
  seriesDescription: 0x0008103e,
  manufacturerModelName: 0x00081090,
  patientName: 0x00100010,
  patientId: 0x00100020,
  issuerOfPatientId: 0x00100021,
  patientAge: 0x00101010,
  contrastBolusAgent: 0x00180010,
  bodyPartExamined: 0x00180015,
  sliceThickness: 0x00180050,
  protocolName: 0x00181030,
  cardiacNumberOfImages: 0x00181090,
  convolutionKernel: 0x00181210,
  viewPosition: 0x00185101,
  studyInstanceUid: 0x0020000d,
  seriesInstanceUid: 0x0020000e,
  acquisitionNumber: 0x00200012,
  instanceNumber: 0x00200013,
  imagePosition: 0x00200032,
  imageOrientation: 0x00200037,
  numberOfTemporalPositions: 0x00200105,
  imagesInAcquisition: 0x00201002,
  numberOfSeriesRelatedInstances: 0x00201209,
  numberOfFrames: 0x00280008,
  rows: 0x00280010,
  columns: 0x00280011,
} as const;

export function groupOf(tag: number): number {
  return Math.floor(tag / 0x10000);
}

export const WANTED_TAGS: ReadonlySet<number> = new Set(Object.values(TAG));

/** The attributes that identify an instance. */
export const REQUIRED_UID_TAGS: ReadonlySet<number> = new Set([
  TAG.studyInstanceUid,
  TAG.seriesInstanceUid,
  TAG.sopInstanceUid,
]);

/** Elements are in ascending order (PS3.5 section 7.1): no wanted element follows this one. */
export const LAST_WANTED_TAG: number = TAG.columns;

/** Float, Double Float and (integer) Pixel Data. Nothing after them is read. */
export const PIXEL_DATA_TAGS: ReadonlySet<number> = new Set([0x7fe00008, 0x7fe00009, 0x7fe00010]);
