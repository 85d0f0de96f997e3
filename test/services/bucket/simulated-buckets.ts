import type { SimulatedCommand } from '../command.ts';
import { NotSimulatedError } from '../command.ts';
import { S3_CLIENT_CONFIG, type SimulatedBucket } from './simulated-bucket.ts';

/** Several buckets behind one client. */
export class SimulatedBuckets {
  readonly service = 's3';
  readonly config = S3_CLIENT_CONFIG;
  readonly #buckets: Readonly<Record<string, SimulatedBucket>>;

  constructor(buckets: Readonly<Record<string, SimulatedBucket>>) {
    this.#buckets = buckets;
  }

  execute(command: SimulatedCommand): unknown {
    const name = (command.input as { Bucket?: string }).Bucket ?? '';
    const bucket = this.#buckets[name];
    if (bucket === undefined) throw new NotSimulatedError(`the bucket ${name}`);
    return bucket.execute(command);
  }
}
