/** One instance of a series as it came. */
export interface Arrival {
  /** Milliseconds of one clock. */
  atMs: number;
  sopInstanceUid: string;
  /** InstanceNumber (0020,0013). */
  number?: number;
  /** ImagePositionPatient (0020,0032), millimetres. */
  positionMm?: readonly number[];
  /** ImageOrientationPatient (0020,0037), six cosines. */
  orientation?: readonly number[];
  /** How many instances the series has, as the header claims. */
  expected?: number;
}
