import { createHash } from 'node:crypto';

/** A UID below 2.25 (DICOM PS3.5 section B.2) that is the same for the same name, at every run and everywhere. */
export function sampleUid(name: string): string {
  const digest = createHash('sha256').update(`qure-dropoff sample ${name}`).digest('hex').slice(0, 32);
  return `2.25.${BigInt(`0x${digest}`)}`;
}
