/**
 * The attributes of a DICOM header that the index stores. Texts are decoded by their character set, trimmed and cut to
 * `MAX_TEXT_LENGTH`; an absent or empty attribute is left out. The three UIDs are valid (`isValidUid`).
 */
export interface DicomHeader {
  studyInstanceUid: string;
  seriesInstanceUid: string;
  sopInstanceUid: string;
  sopClassUid?: string;
  transferSyntaxUid?: string;
  modality?: string;
  bodyPartExamined?: string;
  /** (0008,0008), for example `['ORIGINAL', 'PRIMARY', 'LOCALIZER']`. */
  imageType?: string[];
  seriesDescription?: string;
  studyDescription?: string;
  protocolName?: string;
  viewPosition?: string;
  /** Of the machine that made the image. */
  stationName?: string;
  manufacturer?: string;
  manufacturerModelName?: string;
  acquisitionNumber?: number;
  instanceNumber?: number;
  /** (0020,0032): x, y and z of the first pixel, to a thousandth. */
  imagePositionMm?: number[];
  /** (0020,0037): direction cosines of the rows, then of the columns. */
  imageOrientation?: number[];
  /** (0018,1210), the first of its values. */
  convolutionKernel?: string;
  numberOfFrames?: number;
  rows?: number;
  columns?: number;
  sliceThicknessMm?: number;
  contrastBolusAgent?: string;
  patientAgeYears?: number;
  accessionNumber?: string;
  /**
   * Number of Series Related Instances (0020,1209); without it Cardiac Number of Images (0018,1090), or Images in Acquisition
   * (0020,1002) for each of the Number of Temporal Positions (0020,0105). A hint, not a proof.
   */
  expectedInstances?: number;
}

export const MAX_TEXT_LENGTH = 128;
