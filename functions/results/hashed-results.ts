import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { isStoredAnswer, storedAnswerDigest } from '../qure/stored-answer.ts';
import type { ResultsBucket } from '../series/results-bucket.ts';
import { defined } from '../shared/defined.ts';
import { hashingStream } from '../shared/hashing-stream.ts';
import type { FileFacts } from './provenance.ts';

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
      known.set(key, factsOf(key, body));
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
  if (isStoredAnswer(key)) return factsOf(key, await buffer(body));
  const { stream, facts } = hashingStream(body);
  await finished(stream.resume());
  return facts();
}

/** Of what is small enough to be in memory: JSON. */
function factsOf(key: string, bytes: Uint8Array): FileFacts {
  const digest = isStoredAnswer(key) ? storedAnswerDigest(bytes) : undefined;
  return {
    sizeBytes: bytes.byteLength,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    ...defined({ answerDigest: digest }),
  };
}
