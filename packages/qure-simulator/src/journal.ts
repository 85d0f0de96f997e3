import type { FaultKind, Stage } from './fault-rules.ts';

/** One call to the simulator, for tests to assert order and counts. Contains no header values and no bodies. */
export interface SimulatedCall {
  at: string;
  stage: Stage | 'other';
  method: string;
  /** Without the query. */
  path: string;
  /** The sent status, or what the caller received instead: a closed connection, or no answer. */
  status: number | 'reset' | 'hang';
  /** The series or SOP instance UID of the path. */
  uid?: string;
  fault?: FaultKind;
  /** The reason of a refusal: the violated rule of Qure's API or of the object storage. */
  refusal?: string;
  /** compute: whether the body requested a new computation. */
  isRecompute?: boolean;
  counts?: UploadCounts;
}

export interface UploadCounts {
  /** Files in the request. */
  parts: number;
  /** Files that were reported as registered. */
  registered: number;
  /** New SOPInstanceUIDs. */
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
