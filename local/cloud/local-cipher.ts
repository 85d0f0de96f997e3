import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { isObject, type Json, type JsonObject } from './intrinsics.ts';
import { ServiceError } from './service-error.ts';

/** Encrypt and Decrypt of KMS with one key. */
export interface LocalCipher {
  encrypt(input: JsonObject): object;
  decrypt(input: JsonObject): object;
}

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Of what KMS encrypts itself. Source: AWS KMS API reference, Encrypt. */
const MAX_TEXT_BYTES = 4_096;

/**
 * AES-256-GCM, as KMS uses it. The key ARN and the encryption context are authenticated with the text, so that it can be decrypted with
 * the same ones alone. Nothing of either is in an error.
 *
 * @param key 64 hexadecimal digits
 * @throws RangeError for another key
 */
export function createLocalCipher(key: string): LocalCipher {
  const secret = Buffer.from(key, 'hex');
  if (!/^[0-9a-f]{64}$/.test(key)) throw new RangeError('expected a key of 64 hexadecimal digits');
  return {
    encrypt(input) {
      const text = bytesIn(input, 'Plaintext');
      if (text.length === 0 || text.length > MAX_TEXT_BYTES)
        throw new ServiceError('ValidationException', `Expected 1 to ${MAX_TEXT_BYTES} bytes of Plaintext`);
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, secret, iv).setAAD(boundTo(input));
      const sealed = Buffer.concat([iv, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
      return { CiphertextBlob: sealed.toString('base64'), KeyId: input.KeyId };
    },
    decrypt(input) {
      const sealed = bytesIn(input, 'CiphertextBlob');
      try {
        const decipher = createDecipheriv(ALGORITHM, secret, sealed.subarray(0, IV_BYTES), {
          authTagLength: TAG_BYTES,
        })
          .setAAD(boundTo(input))
          .setAuthTag(sealed.subarray(-TAG_BYTES));
        const text = [decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()];
        return { Plaintext: Buffer.concat(text).toString('base64'), KeyId: input.KeyId };
      } catch {
        throw new ServiceError('InvalidCiphertextException', 'It is not of this key and this context');
      }
    },
  };
}

function boundTo({ KeyId: keyId, EncryptionContext: context }: JsonObject): Buffer {
  const pairs = isObject(context)
    ? Object.entries(context).sort(([one], [other]) => (one < other ? -1 : 1))
    : [];
  return Buffer.from(JSON.stringify([keyId, pairs]));
}

function bytesIn(input: JsonObject, name: string): Buffer {
  const value: Json | undefined = input[name];
  return Buffer.from(typeof value === 'string' ? value : '', 'base64');
}
