import type { Instance } from './instance.ts';
import { areOtherPatients, keyIdOf } from './patient-hash.ts';

/** What tells whose an instance, or a DICOM file among the assets, is. Without a hash nothing is known of the patient. */
export type Identity = Pick<Instance, 'studyInstanceUid' | 'patientHash'>;

/**
 * Why instances cannot be of one study of one patient; `undefined` where they can. Counts only: `detail` is for people, and
 * stands in answers of the API.
 */
export function mixedIdentity(instances: readonly Identity[]): string | undefined {
  const studies = new Set(instances.map(({ studyInstanceUid }) => studyInstanceUid)).size;
  const patients = countPatients(instances.flatMap(({ patientHash }) => patientHash ?? []));
  const mixed = [
    ...(patients > 1 ? [`${patients} patients`] : []),
    ...(studies > 1 ? [`${studies} studies`] : []),
  ];
  return mixed.length === 0 ? undefined : `instances of ${mixed.join(' and of ')}`;
}

/** At least so many: what is hashed under another key may be any of them. */
function countPatients(hashes: readonly string[]): number {
  const byKey = Map.groupBy(new Set(hashes), keyIdOf);
  return Math.max(0, ...[...byKey.values()].map(countDistinct));
}

function countDistinct(hashes: readonly string[]): number {
  const distinct: string[] = [];
  // A hash with an issuer is the longer one, and tells more.
  for (const hash of [...hashes].sort((a, b) => b.length - a.length))
    if (distinct.every((other) => areOtherPatients(hash, other))) distinct.push(hash);
  return distinct.length;
}

/** A DICOM file among the assets; either part is absent where its header has none. */
export type AssetIdentity = Partial<Identity>;

/** Whether an asset is of another study or another patient than every instance. What it does not say of itself proves nothing. */
export function isForeign(asset: AssetIdentity, instances: readonly Identity[]): boolean {
  return instances.length > 0 && instances.every((instance) => isOf(asset, instance) === 'other');
}

function isOf({ studyInstanceUid, patientHash }: AssetIdentity, instance: Identity): 'same' | 'other' {
  if (studyInstanceUid !== undefined && studyInstanceUid !== instance.studyInstanceUid) return 'other';
  if (patientHash === undefined || instance.patientHash === undefined) return 'same';
  return areOtherPatients(patientHash, instance.patientHash) ? 'other' : 'same';
}
