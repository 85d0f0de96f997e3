/**
 * Unique Identifiers, checked before they are used in a key, a path or a URL.
 *
 * DICOM PS3.5 section 9.1: digits and dots, at most 64 characters, no empty component. The standard also forbids a
 * leading zero in a component of more than one digit; real devices violate this rule and Qure accepts their scans, so
 * it is not enforced here: such a UID is harmless everywhere.
 */
export const UID_PATTERN = /^[0-9]+(?:\.[0-9]+)*$/;
export const MAX_UID_LENGTH = 64;

export function isValidUid(value: string): boolean {
  return value.length <= MAX_UID_LENGTH && UID_PATTERN.test(value);
}
