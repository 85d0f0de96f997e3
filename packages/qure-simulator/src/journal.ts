import type { FaultKind, Stage } from './fault-rules.ts';

/** One call to the simulator, for tests to assert order and counts. Holds no header values and no bodies. */
export interface SimulatedCall {
  at: string;
  stage: Stage | 'other';
  method: string;
  /** Without the query. */
  path: string;
  /** The status that was sent, or what the caller saw instead: a closed or a silent connection. */
  status: number | 'reset' | 'hang';
  /** The series or SOP instance UID of the path. */
  uid?: string;
  fault?: FaultKind;
  /** Why the call was refused: which rule of Qure's API, or of object storage, it broke. */
  refusal?: string;
  /** compute: whether the body asked to compute again. */
  isRecompute?: boolean;
  counts?: UploadCounts;
}

export interface UploadCounts {
  /** Files in the request. */
  parts: number;
  /** Files answered as registered. */
  registered: number;
  /** SOPInstanceUIDs that were not held before. */
  created: number;
  sizeBytes: number;
}

/** Keeps the last `limit` calls. */
export class Journal {
  readonly calls: SimulatedCall[] = [];
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(call: SimulatedCall): void {
    this.calls.push(call);
    if (this.calls.length > this.#limit) this.calls.shift();
  }
}
