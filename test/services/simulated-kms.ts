import {
  DecryptCommand,
  type DecryptCommandInput,
  EncryptCommand,
  type EncryptCommandInput,
  KMSServiceException,
} from '@aws-sdk/client-kms';
import { createLocalCipher, type LocalCipher } from '../../local/cloud/local-cipher.ts';
import { ServiceError } from '../../local/cloud/service-error.ts';
import { assertKnownInput, NotSimulatedError, operationOf, type SimulatedCommand } from './command.ts';

const KNOWN_INPUT = new Set(['KeyId', 'Plaintext', 'CiphertextBlob', 'EncryptionContext']);

export interface SimulatedKmsOptions {
  /** 64 hexadecimal digits. */
  key?: string;
  /** Asked at each call. @default never */
  isDisabled?(): boolean;
}

/** KMS: one symmetric key. What is encrypted is decrypted with the same ARN and the same encryption context alone. */
export class SimulatedKms {
  readonly service = 'kms';
  readonly #cipher: LocalCipher;
  readonly #isDisabled: () => boolean;

  constructor({ key = '0f'.repeat(32), isDisabled = () => false }: SimulatedKmsOptions = {}) {
    this.#cipher = createLocalCipher(key);
    this.#isDisabled = isDisabled;
  }

  execute(command: SimulatedCommand): { CiphertextBlob?: Uint8Array; Plaintext?: Uint8Array } {
    const operation = operationOf(command);
    if (!(command instanceof EncryptCommand || command instanceof DecryptCommand))
      throw new NotSimulatedError(operation);
    assertKnownInput(operation, command.input, KNOWN_INPUT);
    // Source: AWS KMS API reference, Encrypt, "Errors".
    if (this.#isDisabled()) throw kmsError('DisabledException');
    return command instanceof EncryptCommand ? this.#encrypt(command.input) : this.#decrypt(command.input);
  }

  #encrypt({ KeyId = '', EncryptionContext = {}, Plaintext }: EncryptCommandInput) {
    const answer = asKms(() =>
      this.#cipher.encrypt({ KeyId, EncryptionContext, Plaintext: base64(Plaintext) }),
    );
    return { CiphertextBlob: bytesOf(answer, 'CiphertextBlob') };
  }

  #decrypt({ KeyId = '', EncryptionContext = {}, CiphertextBlob }: DecryptCommandInput) {
    const sealed = base64(CiphertextBlob);
    const answer = asKms(() => this.#cipher.decrypt({ KeyId, EncryptionContext, CiphertextBlob: sealed }));
    return { Plaintext: bytesOf(answer, 'Plaintext') };
  }
}

function asKms(answer: () => object): object {
  try {
    return answer();
  } catch (error) {
    throw error instanceof ServiceError ? kmsError(error.name) : error;
  }
}

function kmsError(name: string): KMSServiceException {
  return new KMSServiceException({
    name,
    message: name,
    $fault: 'client',
    $metadata: { httpStatusCode: 400 },
  });
}

function base64(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('base64');
}

function bytesOf(answer: object, name: string): Uint8Array {
  return Uint8Array.from(Buffer.from(String(Reflect.get(answer, name)), 'base64'));
}
