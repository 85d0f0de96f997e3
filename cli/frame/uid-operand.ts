import { isValidUid } from '@qure-dropoff/dicom';
import type { Operand } from './command.ts';
import type { Given } from './given.ts';
import type { OptionRow } from './option-row.ts';

export const UID_OPERAND: Operand = {
  name: 'UID',
  help: 'SeriesInstanceUID or StudyInstanceUID',
  least: 1,
  most: 1,
};

export function uidProblems({ operands }: Given): string[] {
  return operands
    .filter((uid) => !isValidUid(uid))
    .map((uid) => `UID: expected digits and dots, at most 64, got ${JSON.stringify(uid.slice(0, 80))}`);
}

/** Of a command that takes one UID, or in its place the number that people know a study by. */
export const UID_OR_ACCESSION: Operand = { ...UID_OPERAND, least: 0 };

export const ACCESSION_ROW: OptionRow = {
  name: 'accession',
  placeholder: 'A',
  value: { kind: 'pattern', pattern: /^.{1,64}$/su, what: 'an accession number' },
  help: 'in place of the UID: the study with this accession number',
};

export function scanProblems(given: Given): string[] {
  const isByUid = given.operands.length > 0;
  const isByAccession = given.isTyped('accession');
  return [
    ...uidProblems(given),
    ...(isByUid === isByAccession ? [`expected a UID or --accession, got ${isByUid ? 'both' : 'none'}`] : []),
  ];
}
