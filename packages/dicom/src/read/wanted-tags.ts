/** Data elements that the index reads, named as in DICOM PS3.6, in the form that dicom-parser uses. */
export const TAG = {
  mediaStorageSopClassUid: 'x00020002',
  mediaStorageSopInstanceUid: 'x00020003',
  transferSyntaxUid: 'x00020010',
  specificCharacterSet: 'x00080005',
  imageType: 'x00080008',
  sopClassUid: 'x00080016',
  sopInstanceUid: 'x00080018',
  accessionNumber: 'x00080050',
  modality: 'x00080060',
  manufacturer: 'x00080070',
  stationName: 'x00081010',
  studyDescription: 'x00081030',
  seriesDescription: 'x0008103e',
  manufacturerModelName: 'x00081090',
  patientName: 'x00100010',
  patientId: 'x00100020',
  issuerOfPatientId: 'x00100021',
  patientAge: 'x00101010',
  contrastBolusAgent: 'x00180010',
  bodyPartExamined: 'x00180015',
  sliceThickness: 'x00180050',
  protocolName: 'x00181030',
  cardiacNumberOfImages: 'x00181090',
  convolutionKernel: 'x00181210',
  viewPosition: 'x00185101',
  studyInstanceUid: 'x0020000d',
  seriesInstanceUid: 'x0020000e',
  acquisitionNumber: 'x00200012',
  instanceNumber: 'x00200013',
  imagePosition: 'x00200032',
  imageOrientation: 'x00200037',
  numberOfTemporalPositions: 'x00200105',
  imagesInAcquisition: 'x00201002',
  numberOfSeriesRelatedInstances: 'x00201209',
  numberOfFrames: 'x00280008',
  rows: 'x00280010',
  columns: 'x00280011',
} as const;

export const WANTED_TAGS: ReadonlySet<string> = new Set(Object.values(TAG));

/** The attributes that identify an instance. */
export const REQUIRED_UID_TAGS: ReadonlySet<string> = new Set([
  TAG.studyInstanceUid,
  TAG.seriesInstanceUid,
  TAG.sopInstanceUid,
]);

/** Elements are in ascending order (PS3.5 section 7.1): no wanted element follows this one. */
export const LAST_WANTED_TAG: string = TAG.columns;

/** Float, Double Float and (integer) Pixel Data. Nothing after them is read. */
export const PIXEL_DATA_TAGS: ReadonlySet<string> = new Set(['x7fe00008', 'x7fe00009', 'x7fe00010']);
