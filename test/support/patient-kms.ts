import { DecryptCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import { createPatientOpener, createPatientSealer } from '../../functions/aws/patient-cipher.ts';
import { createLocalCipher } from '../../local/cloud/local-cipher.ts';

/** KMS as the one-machine host answers for it, without a socket, with what was asked of it. */
export class PatientKms {
  /** Names of the calls. */
  readonly calls: string[] = [];
  /** Thrown by each call. */
  outage: Error | undefined;
  readonly keyId: string;
  readonly #cipher;

  constructor(key = '0f'.repeat(32), keyId = 'arn:aws:kms:eu-central-1:111111111111:key/patients') {
    this.keyId = keyId;
    this.#cipher = createLocalCipher(key);
  }

  readonly kms = { send: (command: unknown) => this.#answer(command) } as unknown as KMSClient;

  get sealer() {
    return createPatientSealer(this);
  }

  get opener() {
    return createPatientOpener(this);
  }

  async #answer(command: unknown): Promise<object> {
    if (!(command instanceof EncryptCommand || command instanceof DecryptCommand))
      throw new TypeError('expected Encrypt or Decrypt');
    this.calls.push(command instanceof EncryptCommand ? 'Encrypt' : 'Decrypt');
    if (this.outage !== undefined) throw this.outage;
    const { KeyId = '', EncryptionContext = {} } = command.input;
    const call = { KeyId, EncryptionContext };
    if (command instanceof EncryptCommand) {
      const answer = this.#cipher.encrypt({ ...call, Plaintext: base64(command.input.Plaintext) });
      return { CiphertextBlob: bytesOf(answer, 'CiphertextBlob') };
    }
    const answer = this.#cipher.decrypt({ ...call, CiphertextBlob: base64(command.input.CiphertextBlob) });
    return { Plaintext: bytesOf(answer, 'Plaintext') };
  }
}

function base64(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('base64');
}

function bytesOf(answer: object, name: string): Uint8Array {
  return Uint8Array.from(Buffer.from(String(Reflect.get(answer, name)), 'base64'));
}
