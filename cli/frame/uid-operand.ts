import { isValidUid } from '@qure-dropoff/dicom';
import type { Operand } from './command.ts';
import type { Given } from './given.ts';

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
