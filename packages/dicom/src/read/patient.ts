import { type TextDecode, textDecoderFor } from './character-sets.ts';
import type { RawValues } from './header-fields.ts';
import type { PatientIdentity } from './patient-identity.ts';
import { textValue } from './text-values.ts';
import { TAG } from './wanted-tags.ts';

/** Three component groups of 64 characters and what separates them (PS3.5 section 6.2, PN). */
const MAX_NAME_LENGTH = 194;

/**
 * The patient of the file; `undefined` if its PatientID is absent or empty. The Issuer of Patient ID Qualifiers
 * Sequence (0010,0024) is not read: it has several spellings of one issuer, and each would count as another one.
 */
export function patientOf(values: RawValues): PatientIdentity | undefined {
  const decode = textDecoderFor(values.get(TAG.specificCharacterSet));
  const patientId = significantText(values.get(TAG.patientId), decode);
  const issuer = significantText(values.get(TAG.issuerOfPatientId), decode);
  if (patientId === undefined) return undefined;
  const name = textValue(values.get(TAG.patientName), decode, MAX_NAME_LENGTH);
  return {
    patientId,
    ...(issuer === undefined ? {} : { issuer }),
    ...(name === undefined ? {} : { name }),
  };
}

/**
 * Long String: spaces around it have no meaning, its case has (PS3.5 section 6.2); NUL is the padding of incorrect
 * writers. Two encodings of one character are equal (Unicode normalization form C).
 */
function significantText(bytes: Uint8Array | undefined, decode: TextDecode): string | undefined {
  const text = bytes && decode(bytes).replaceAll('\0', ' ').trim().normalize('NFC');
  return text === '' ? undefined : text;
}
