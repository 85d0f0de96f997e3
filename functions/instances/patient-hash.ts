import { createHmac } from 'node:crypto';
import type { PatientIdentity } from '@qure-dropoff/dicom';

/** `<key id>.<hash of the PatientID>` and, where the issuer is known, `.<hash of both>`; in base64url. */
export type HashPatient = (patient: PatientIdentity) => string;

/** 128 bits: no two of all patients of the world have the same hash. */
const HASH_BYTES = 16;
/** 48 bits: enough to tell the few keys of one deployment apart. */
const KEY_ID_BYTES = 6;

/** @param key the secret text of the deployment; with it, PatientIDs can be tried out on a hash */
export function patientHasher(key: string): HashPatient {
  const hash = (bytes: number, ...parts: string[]) =>
    createHmac('sha256', key).update(JSON.stringify(parts)).digest().subarray(0, bytes).toString('base64url');
  const keyId = hash(KEY_ID_BYTES, 'key');
  return ({ patientId, issuer }) => {
    const ofId = `${keyId}.${hash(HASH_BYTES, 'patient', patientId)}`;
    return issuer === undefined ? ofId : `${ofId}.${hash(HASH_BYTES, 'issuer', patientId, issuer)}`;
  };
}

export function keyIdOf(hash: string): string {
  return hash.slice(0, hash.indexOf('.'));
}

/**
 * Whether two hashes cannot be of one patient. Hashes under different keys say nothing of each other, nor does an issuer that
 * only one of them has.
 */
export function areOtherPatients(one: string, other: string): boolean {
  const [oneKey, oneId, oneIssuer] = one.split('.');
  const [otherKey, otherId, otherIssuer] = other.split('.');
  if (oneKey !== otherKey) return false;
  if (oneId !== otherId) return true;
  return oneIssuer !== undefined && otherIssuer !== undefined && oneIssuer !== otherIssuer;
}

/** Throws while the key of the deployment cannot be had. */
export type LoadPatientHasher = () => Promise<HashPatient>;
