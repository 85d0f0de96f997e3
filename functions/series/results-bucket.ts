import type { Readable } from 'node:stream';

/** The results bucket. */
export interface ResultsBucket {
  put(key: string, body: Uint8Array, contentType: string): Promise<void>;
  putStream(key: string, body: Readable, contentType: string): Promise<void>;
  /** Keys below `prefix`. */
  keys(prefix: string): Promise<string[]>;
  /** What lies under a key; `undefined` when there is nothing. */
  open(key: string): Promise<Readable | undefined>;
  /** Gives an object these tags instead of those that it has. `missing`: there is no such object. */
  tag(key: string, tags: Readonly<Record<string, string>>): Promise<'tagged' | 'missing'>;
}

/** Links to the results bucket, and the JSON documents in it. */
export interface StoredResults {
  /** A link to a file of a result that anybody may use until it expires; a browser shows it only where that is harmless. */
  linkTo(folder: string, file: string, expiresInSeconds: number): Promise<string>;
  /** `undefined` when there is none, when it is larger than `maxBytes`, or no JSON. */
  readJson(key: string, maxBytes: number): Promise<unknown>;
}
