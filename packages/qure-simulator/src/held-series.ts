import type { ScanVerdict } from './scan-verdict.ts';

/** One registered DICOM file: no pixel data, no descriptions, no patient data. */
export interface HeldInstance {
  studyInstanceUid: string;
  seriesInstanceUid: string;
  sopInstanceUid: string;
  modality: string;
  verdict: ScanVerdict;
  /** Of the exact bytes of the part, in hex. */
  sha256: string;
  sizeBytes: number;
  /** Milliseconds since 1970. */
  registeredAtMs: number;
}

/** A compute call that was answered with "successfully pushed". */
export interface AcceptedComputation {
  atMs: number;
  isRecompute: boolean;
  /** The instances that were stored when it was accepted. */
  instances: number;
}

export interface HeldSeries {
  seriesInstanceUid: string;
  studyInstanceUid: string;
  modality: string;
  /** By SOPInstanceUID, in the order of their first registration. */
  instances: Map<string, HeldInstance>;
  computations: AcceptedComputation[];
}
