import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type HashPatient, patientHasher } from '../instances/patient-hash.ts';
import type { Clock } from '../shared/time.ts';
import { cached } from './cached.ts';

/** Fewer characters could be tried out. */
const MIN_KEY_LENGTH = 32;

/** The key under which patients are hashed is not what it has to be. Its text is not quoted. */
export class PatientKeyError extends Error {
  override name = 'PatientKeyError';
}

/**
 * Reads the key of the deployment from its secret. Without it nothing is indexed: rows without a hash could let two patients
 * pass for one. What waits for it comes again.
 *
 * @throws PatientKeyError, and what Secrets Manager answers
 */
export function createPatientHasherLoader(
  client: SecretsManagerClient,
  secretId: string,
  clock: Clock,
): () => Promise<HashPatient> {
  return cached(clock, async () => {
    const { SecretString: key = '' } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    if (key.length < MIN_KEY_LENGTH) {
      throw new PatientKeyError(
        `expected a patient key of at least ${MIN_KEY_LENGTH} characters in its secret, got ${key.length}`,
      );
    }
    return patientHasher(key);
  });
}
