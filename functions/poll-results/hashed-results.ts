import { createHash } from 'node:crypto';
import { hashingStream } from '../adapters/hashing-stream.ts';
import type { ResultsBucket } from '../core/ports.ts';
import type { FileFacts } from '../core/provenance.ts';

/** A results bucket that knows the hash of whatever one run has put into it, and of the rest by reading it. */
export interface HashedResults extends ResultsBucket {
  /** Of what this run has put there. */
  knownFactsOf(key: string): FileFacts | undefined;
  /** Of what lies there, by reading it; `undefined` when nothing does. */
  readFactsOf(key: string): Promise<FileFacts | undefined>;
}

/** The bytes are hashed while they stream; nothing is read twice. */
export function withHashes(results: ResultsBucket): HashedResults {
  const known = new Map<string, FileFacts>();
  return {
    ...forwarding(results),
    async put(key, body, contentType) {
      // Should it fail, either content may lie there.
      known.delete(key);
      await results.put(key, body, contentType);
      known.set(key, { sizeBytes: body.byteLength, sha256: sha256Of(body) });
    },
    async putStream(key, body, contentType) {
      known.delete(key);
      const { stream, facts } = hashingStream(body);
      await results.putStream(key, stream, contentType);
      const stored = facts();
      if (stored !== undefined) known.set(key, stored);
    },
    knownFactsOf: (key) => known.get(key),
    readFactsOf: (key) => readFacts(results, key),
  };
}

/** Not by spreading: an adapter may be an object of a class. */
function forwarding(results: ResultsBucket): Pick<ResultsBucket, 'keys' | 'open' | 'tag'> {
  return {
    keys: (prefix) => results.keys(prefix),
    open: (key) => results.open(key),
    tag: (key, tags) => results.tag(key, tags),
  };
}

async function readFacts(results: ResultsBucket, key: string): Promise<FileFacts | undefined> {
  const body = await results.open(key);
  if (body === undefined) return undefined;
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of body) {
    const bytes = chunk as Uint8Array;
    hash.update(bytes);
    sizeBytes += bytes.byteLength;
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
