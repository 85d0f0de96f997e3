import {
  type GetSecretValueCommandInput,
  type GetSecretValueCommandOutput,
  ResourceNotFoundException,
} from '@aws-sdk/client-secrets-manager';
import { assertKnownInput, NotSimulatedError, operationOf, type SimulatedCommand } from './command.ts';

const KNOWN_INPUT = new Set(['SecretId']);

/** Secrets Manager: the current text of each secret. */
export class SimulatedSecrets {
  readonly service = 'secretsmanager';
  readonly #read: () => Readonly<Record<string, string>>;

  /** @param read name → text of every secret, asked at each call, so that it may change */
  constructor(read: () => Readonly<Record<string, string>>) {
    this.#read = read;
  }

  execute(command: SimulatedCommand): GetSecretValueCommandOutput {
    const operation = operationOf(command);
    if (operation !== 'GetSecretValue') throw new NotSimulatedError(operation);
    assertKnownInput(operation, command.input, KNOWN_INPUT);
    const { SecretId = '' } = command.input as GetSecretValueCommandInput;
    const secrets = this.#read();
    const text = Object.hasOwn(secrets, SecretId) ? secrets[SecretId] : undefined;
    if (text === undefined) {
      throw new ResourceNotFoundException({
        message: "Secrets Manager can't find the specified secret.",
        $metadata: { httpStatusCode: 400 },
      });
    }
    return { Name: SecretId, SecretString: text, $metadata: { httpStatusCode: 200 } };
  }
}
