import type { Instance } from '../instances/instance.ts';
import { unpackedBound } from '../instances/unpacked-bound.ts';

/** Small enough for any proxy, large enough that the round trips do not count. */
const MAX_FILES = 16;
const MAX_BYTES = 32 * 1024 * 1024;
/**
 * Divides instances into upload requests: about equally over the requests that run at once, none above 16 files or 32 MiB
 * (a larger single file goes alone). In the order of their instance numbers, so that a repeated run plans alike.
 */
export function planRequests(instances: readonly Instance[], concurrency: number): Instance[][] {
  const ordered = [...instances].sort(
    (a, b) =>
      (a.instanceNumber ?? 0) - (b.instanceNumber ?? 0) || (a.sopInstanceUid < b.sopInstanceUid ? -1 : 1),
  );
  const filesPerRequest = Math.max(1, Math.min(MAX_FILES, Math.ceil(ordered.length / concurrency)));
  const requests: Instance[][] = [];
  let current: Instance[] = [];
  let bytes = 0;
  for (const instance of ordered) {
    const isFull = current.length >= filesPerRequest || bytes + instance.object.sizeBytes > MAX_BYTES;
    if (isFull && current.length > 0) {
      requests.push(current);
      current = [];
      bytes = 0;
    }
    current.push(instance);
    bytes += instance.object.sizeBytes;
  }
  if (current.length > 0) requests.push(current);
  return requests;
}

/**
 * As many as `concurrency` says, one of large files: each has to get through within one run. On a slow line, large ones that share
 * it would all be cut off by the end of each run, and begin anew.
 */
export function requestsAtOnce(requests: readonly Instance[][], concurrency: number): number {
  return requests.some((request) => bytesOf(request) > MAX_BYTES) ? 1 : concurrency;
}

/** Two halves of a request that was refused as a whole. */
export function splitRequest(request: readonly Instance[]): [Instance[], Instance[]] {
  const middle = Math.ceil(request.length / 2);
  return [request.slice(0, middle), request.slice(middle)];
}

/** The field names count the files of a request. */
export function instanceOf(request: readonly Instance[], fieldName: string): Instance | undefined {
  return request.find((_instance, at) => fieldName === `file_${at}`);
}

export function bytesOf(request: readonly Instance[]): number {
  return request.reduce((sum, { object }) => sum + object.sizeBytes, 0);
}

/** As many as the files of a request may have on the line: a packed one is sent unpacked. */
export function mostBytesOf(request: readonly Instance[]): number {
  return request.reduce(
    (sum, { object: { isGzip, sizeBytes } }) => sum + (isGzip ? unpackedBound(sizeBytes) : sizeBytes),
    0,
  );
}
