import { type TextDecode, textDecoderFor } from './character-sets.ts';
import type { RawValues } from './header-fields.ts';
import type { PatientIdentity } from './patient-identity.ts';
import { TAG } from './wanted-tags.ts';

/**
 * Whom the file is about; `undefined` where its PatientID is absent or empty. The Issuer of Patient ID Qualifiers Sequence
 * (0010,0024) is not read: one issuer is written in it in several ways, and each would be another one.
 */
export function patientOf(values: RawValues): PatientIdentity | undefined {
  const decode = textDecoderFor(values.get(TAG.specificCharacterSet));
  const patientId = significantText(values.get(TAG.patientId), decode);
  const issuer = significantText(values.get(TAG.issuerOfPatientId), decode);
  if (patientId === undefined) return undefined;
  return { patientId, ...(issuer === undefined ? {} : { issuer }) };
}

/**
 * Long String: blanks around it say nothing, its case does (PS3.5 section 6.2); NUL is the padding of writers that err. One
 * character written in two ways is one (Unicode normalization form C).
 */
function significantText(bytes: Uint8Array | undefined, decode: TextDecode): string | undefined {
  const text = bytes && decode(bytes).replaceAll('\0', ' ').trim().normalize('NFC');
  return text === '' ? undefined : text;
}
