import type { Readable } from 'node:stream';

/** One object to be put into the drop bucket. */
export interface DropItem {
  key: string;
  /** As the file system or the archive states it. */
  sizeBytes: number;
  /** For messages on the operator's terminal: where it comes from. */
  path: string;
  /**
   * Everything that came before must be stored first, and an equal object does not replace it: a `_COMPLETE`
   * marker speaks for what was dropped before it (functions/core/marker.ts).
   */
  isMarker: boolean;
  /** A new stream over the whole content; may be called again. Rejects, or the stream fails, where it cannot be read. */
  open(): Promise<Readable>;
  /** Must be called once when the item is not needed any more; keeps nothing open after that. */
  release(): void;
}

/** Something that could not be dropped. The rest goes on. */
export interface DropProblem {
  path: string;
  /** What was expected, what was found, and what became of it. */
  reason: string;
}

export type OnProblem = (problem: DropProblem) => void;
