import type { KMSClient } from '@aws-sdk/client-kms';
import { createPatientOpener, createPatientSealer } from '../../functions/aws/patient-cipher.ts';
import { operationOf, type SimulatedCommand } from '../services/command.ts';
import { SimulatedKms } from '../services/simulated-kms.ts';

/** KMS without a socket, with what was asked of it. */
export class PatientKms {
  /** Names of the calls. */
  readonly calls: string[] = [];
  /** Thrown by each call. */
  outage: Error | undefined;
  readonly keyId: string;
  readonly #service: SimulatedKms;

  constructor(key?: string, keyId = 'arn:aws:kms:eu-central-1:111111111111:key/patients') {
    this.keyId = keyId;
    this.#service = new SimulatedKms(key === undefined ? {} : { key });
  }

  readonly kms = { send: (command: SimulatedCommand) => this.#answer(command) } as unknown as KMSClient;

  get sealer() {
    return createPatientSealer(this);
  }

  get opener() {
    return createPatientOpener(this);
  }

  async #answer(command: SimulatedCommand): Promise<object> {
    this.calls.push(operationOf(command));
    if (this.outage !== undefined) throw this.outage;
    return this.#service.execute(command);
  }
}
