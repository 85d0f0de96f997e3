import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { causeOf } from '../options/check-paths.ts';
import type { DropItem, OnProblem } from './drop-item.ts';
import { newFirst } from './new-first.ts';
import { findStoredCopy, isSameContent, partBytesFor, StoredKeys } from './stored-copy.ts';

export interface DropTarget {
  s3: S3Client;
  bucket: string;
  /** Of the source that the items go to. Ends in `/`. */
  prefix: string;
}

/** Counts so far. `bytes` are those of stored and unchanged files. */
export interface DropCounts {
  /** Put into the bucket by this run. */
  stored: number;
  /** Already in the bucket, with the same content. */
  unchanged: number;
  /** Could not be read; each was reported as a problem. */
  unreadable: number;
  bytes: number;
}

export interface DropOptions {
  onProblem: OnProblem;
  onProgress?: (counts: DropCounts) => void;
  /** Stops reading items, aborts the open requests, and rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Parallel objects. */
  concurrency?: number;
}

/** The bucket refuses objects: the drop has ended, and a new start resumes it. */
export class DropError extends Error {
  override name = 'DropError';
  /** Of the file that was refused first. */
  readonly path: string;

  constructor(cause: unknown, path: string) {
    super(explanationOf(cause), { cause });
    this.path = path;
  }
}

function explanationOf(cause: unknown): string {
  const got = cause instanceof Error ? cause.name : 'an unknown error';
  if (got === 'InsufficientStorage')
    return 'the disk is full: the drop has ended; free some space, then start again with the same --data-dir';
  return `expected the drop bucket to take an object, got ${got}: see that S3 runs and its disk has room, then start again`;
}

/** Up to this size an object is read once and put from memory; so the memory is at most `concurrency` times as much. */
const IN_MEMORY_BYTES = 8 * 1024 * 1024;
const DEFAULT_CONCURRENCY = 8;

/**
 * Puts every item into the bucket, several in parallel, new ones first; a marker only after everything before it. An object
 * that is already there with the same size and checksum is skipped, so a run after a kill resumes the drop. An item that cannot
 * be read is reported and left out. Throws DropError if the bucket refuses an object.
 */
export async function dropItems(
  items: AsyncIterable<DropItem>,
  target: DropTarget,
  options: DropOptions,
): Promise<DropCounts> {
  const counts: DropCounts = { stored: 0, unchanged: 0, unreadable: 0, bytes: 0 };
  const concurrency = options.concurrency ?? DEFAULT_CONCURRENCY;
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal]);
  const storedKeys = new StoredKeys(target);
  const isThere = ({ key, path }: DropItem) => asDropError(storedKeys.has(key), signal, path);
  const underWay = new Set<Promise<void>>();
  let failure: unknown;
  const start = (item: DropItem, isStored: boolean): void => {
    const work = putItem(item, target, isStored, signal)
      .then((outcome) => {
        if (outcome.kind === 'unreadable') {
          counts.unreadable += 1;
          options.onProblem({ path: item.path, reason: outcome.reason });
        } else {
          counts[outcome.kind] += 1;
          counts.bytes += item.sizeBytes;
        }
        options.onProgress?.({ ...counts });
      })
      .catch((error: unknown) => {
        failure ??= error;
        stop.abort(error);
      })
      .finally(() => {
        underWay.delete(work);
      });
    underWay.add(work);
  };
  try {
    for await (const { item, isStored } of newFirst(items, isThere)) {
      if (item.isMarker) await Promise.all(underWay);
      else if (underWay.size >= concurrency) await Promise.race(underWay);
      if (signal.aborted) break;
      start(item, isStored);
      if (item.isMarker) await Promise.all(underWay);
    }
  } finally {
    await Promise.all(underWay);
  }
  if (failure !== undefined) throw failure;
  signal.throwIfAborted();
  return counts;
}

type Outcome = { kind: 'stored' } | { kind: 'unchanged' } | { kind: 'unreadable'; reason: string };

async function putItem(
  item: DropItem,
  target: DropTarget,
  isStored: boolean,
  signal: AbortSignal,
): Promise<Outcome> {
  const place = { Bucket: target.bucket, Key: item.key };
  const findSame =
    isStored && !item.isMarker
      ? asDropError(findStoredCopy(target.s3, target.bucket, item.key), signal, item.path)
      : Promise.resolve(undefined);
  const stored = await findSame;
  try {
    if (item.sizeBytes <= IN_MEMORY_BYTES) {
      const content = await readable(item.open().then(buffer));
      if (stored !== undefined && (await isSameContent(stored, Readable.from([content]))))
        return { kind: 'unchanged' };
      await asDropError(
        target.s3.send(new PutObjectCommand({ ...place, Body: content, ChecksumAlgorithm: 'SHA256' }), {
          abortSignal: signal,
        }),
        signal,
        item.path,
      );
      return { kind: 'stored' };
    }
    if (stored?.sizeBytes === item.sizeBytes) {
      if (await readable(item.open().then((content) => isSameContent(stored, content))))
        return { kind: 'unchanged' };
    }
    await putInParts(item, place, target.s3, signal);
    return { kind: 'stored' };
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    return { kind: 'unreadable', reason: error.message };
  }
}

/** A content that fails halfway leaves nothing: the multipart upload is aborted. */
async function putInParts(
  item: DropItem,
  place: { Bucket: string; Key: string },
  s3: S3Client,
  signal: AbortSignal,
): Promise<void> {
  const content = await readable(item.open());
  let readError: unknown;
  content.once('error', (error) => {
    readError = error;
  });
  const upload = new Upload({
    client: s3,
    params: { ...place, Body: content, ChecksumAlgorithm: 'SHA256' },
    partSize: partBytesFor(item.sizeBytes),
    queueSize: 2,
  });
  const abort = (): void => void upload.abort();
  signal.addEventListener('abort', abort);
  try {
    signal.throwIfAborted();
    await upload.done();
  } catch (error) {
    // A refused part ends the reading too, with an error of its own that says nothing of the file.
    if (readError !== undefined && error === readError) throw new UnreadableError(readError);
    throw signal.aborted ? signal.reason : new DropError(error, item.path);
  } finally {
    signal.removeEventListener('abort', abort);
    content.destroy();
  }
}

class UnreadableError extends Error {
  constructor(cause: unknown) {
    const isFileError = cause instanceof Error && 'syscall' in cause;
    const got = isFileError || !(cause instanceof Error) ? causeOf(cause) : cause.message;
    super(`expected to read it to its end, got: ${got}: not dropped`, { cause });
  }
}

async function readable<T>(reading: Promise<T>): Promise<T> {
  return await reading.catch((error: unknown) => {
    throw new UnreadableError(error);
  });
}

async function asDropError<T>(request: Promise<T>, signal: AbortSignal, path: string): Promise<T> {
  return await request.catch((error: unknown) => {
    throw signal.aborted ? signal.reason : new DropError(error, path);
  });
}
