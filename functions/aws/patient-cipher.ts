import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { type OpenPatient, type PatientSealer, UnreadablePatientError } from '../instances/kept-patient.ts';
import type { SeriesId } from '../instances/series-id.ts';
import * as z from '../shared/schema.ts';
import { readPhiKey } from './lambda/env.ts';
import type { Runtime } from './lambda/runtime.ts';

/** No scan waits for a name for longer than two of these. */
const ATTEMPTS = 2;
const ATTEMPT_MS = 2_000;

/** What KMS answers, and goes on answering until somebody changes the key. Source: AWS KMS API reference, Decrypt. */
const FOR_GOOD = new Set([
  'DisabledException',
  'IncorrectKeyException',
  'InvalidCiphertextException',
  'KMSInvalidStateException',
  'NotFoundException',
]);

type PatientKms = NonNullable<Runtime['patientKms']>;

/** `{}` where the deployment keeps no patients. */
export function patientSealing(given?: PatientKms): { patientSealer?: PatientSealer } {
  const patientKms = given ?? patientKmsOf(readPhiKey());
  return patientKms === undefined ? {} : { patientSealer: createPatientSealer(patientKms) };
}

/** `{}` where the deployment shows no patients. */
export function patientOpening(given?: PatientKms): { openPatient?: OpenPatient } {
  const patientKms = given ?? patientKmsOf(readPhiKey());
  return patientKms === undefined ? {} : { openPatient: createPatientOpener(patientKms) };
}

/** KMS encrypts the text itself: it is far below the 4,096 bytes that KMS takes, and there is no data key to keep. */
export function createPatientSealer({ kms, keyId }: PatientKms): PatientSealer {
  const seal: PatientSealer['seal'] = async (id, text) => {
    const { CiphertextBlob: sealed } = await kms.send(
      new EncryptCommand({
        KeyId: keyId,
        Plaintext: Buffer.from(JSON.stringify(text)),
        EncryptionContext: contextOf(id),
      }),
    );
    if (sealed === undefined) throw new Error('expected a ciphertext of KMS, got none');
    return sealed;
  };
  return { keyId, seal };
}

export function createPatientOpener({ kms, keyId }: PatientKms): OpenPatient {
  const patientText = z.object({ patientName: z.exactOptional(z.string()), patientId: z.string() });
  return async (id, sealed) => {
    const command = new DecryptCommand({
      KeyId: keyId,
      CiphertextBlob: sealed,
      EncryptionContext: contextOf(id),
    });
    const { Plaintext: text } = await kms.send(command).catch((error: unknown) => {
      if (error instanceof Error && FOR_GOOD.has(error.name))
        throw new UnreadablePatientError(error.name, { cause: error });
      throw error;
    });
    return patientText.parse(JSON.parse(Buffer.from(text ?? []).toString('utf8')));
  };
}

function patientKmsOf(keyId: string | undefined): PatientKms | undefined {
  if (keyId === undefined) return undefined;
  const requestHandler = {
    connectionTimeout: ATTEMPT_MS,
    requestTimeout: ATTEMPT_MS,
    throwOnRequestTimeout: true,
  };
  return { keyId, kms: new KMSClient({ maxAttempts: ATTEMPTS, requestHandler }) };
}

/** Bound to it: the bytes of one row are unreadable in that of another series. CloudTrail shows it with each call. */
function contextOf({ source, seriesInstanceUid }: SeriesId): Record<string, string> {
  return { source, seriesInstanceUid };
}
