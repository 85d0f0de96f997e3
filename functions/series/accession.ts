/** The number of an examination in the hospital's own system (0008,0050), by which people look for it. */
export interface Accession {
  accessionNumber: string;
  source: string;
  studyInstanceUid: string;
}

export interface AccessionStore {
  /** Has the study found by its number. Idempotent. */
  add(accession: Accession): Promise<void>;
  /**
   * The StudyInstanceUIDs of a number, of one source or of all. `undefined` for a number of very many studies: some senders write one
   * and the same everywhere, and it has to be looked for in the rows of the series.
   */
  studiesOf(accessionNumber: string, source?: string): Promise<string[] | undefined>;
}

/** Two spellings of one number: a person types it without its case. */
export function sameAccession(accessionNumber: string): string {
  return accessionNumber.trim().toUpperCase();
}
