import type { Readable } from 'node:stream';

/** One object to be put into the drop bucket. */
export interface DropItem {
  key: string;
  /** As in the file system or the archive. */
  sizeBytes: number;
  /** Its origin, for messages on the operator's terminal. */
  path: string;
  /**
   * Everything before it must be stored first, and it is put again even if it is unchanged: a `_COMPLETE` marker covers
   * objects that were dropped before it (functions/instances/marker.ts).
   */
  isMarker: boolean;
  /**
   * A new stream over the whole content; may be called again. Nothing is open before and after it. Rejects, or the stream fails,
   * if it cannot be read.
   */
  open(): Promise<Readable>;
}

/** An item that could not be dropped. The others are still dropped. */
export interface DropProblem {
  path: string;
  /** What was expected, what was found, and what was done. */
  reason: string;
}

export type OnProblem = (problem: DropProblem) => void;
