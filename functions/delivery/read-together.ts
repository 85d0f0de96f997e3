import { Readable } from 'node:stream';
import { planReads } from '../archives/read-plan.ts';
import type { DropBucket } from '../instances/drop-bucket.ts';
import { entryContent } from '../instances/entry-content.ts';
import type { Instance } from '../instances/instance.ts';

const MIB = 1024 * 1024;
/** The files of an upload request have 32 MiB at most, unless it is a single one; the rest is between them. */
const MAX_TOGETHER_BYTES = 40 * MIB;
/** Of all requests that run at once; the function has 1 GiB, and a read needs twice its bytes for a moment. */
const MAX_IN_MEMORY_BYTES = 200 * MIB;

type OpenInstance = Pick<DropBucket, 'openInstance'>;

/**
 * Opens the files of one upload request. Entries of one archive that lie close together are read with one request, when the first of them
 * is opened, and are in memory until the upload has ended; all other files are streamed.
 *
 * @param requestsAtOnce the more there are, the less each may keep in memory
 */
export function readTogether(
  drop: DropBucket,
  request: readonly Instance[],
  requestsAtOnce: number,
): OpenInstance {
  const maxBytes = Math.min(MAX_TOGETHER_BYTES, Math.floor(MAX_IN_MEMORY_BYTES / requestsAtOnce));
  const reads = new Map<Instance['object'], () => Promise<Uint8Array | undefined>>();
  const entries = request.flatMap(({ object }) =>
    object.entry === undefined
      ? []
      : [{ object, offset: object.entry.offset, length: object.entry.storedBytes }],
  );
  const byArchive = Map.groupBy(entries, ({ object: { key, etag } }) => `${etag} ${key}`);
  for (const group of byArchive.values()) {
    const sorted = group.toSorted((a, b) => a.offset - b.offset);
    for (const { read, spans } of planReads(sorted, maxBytes)) {
      const [first, ...others] = spans;
      if (first === undefined || others.length === 0) continue;
      const { key } = first.object;
      let bytes: Promise<Uint8Array | undefined> | undefined;
      const readOnce = async () => {
        bytes ??= drop
          .readRange(key, read.offset, read.offset + read.length - 1, first.object)
          .then((range) => (range.kind === 'missing' ? undefined : range.bytes));
        return bytes;
      };
      for (const { object, offset, length } of spans)
        reads.set(object, async () => {
          const all = await readOnce();
          return all?.subarray(offset - read.offset, offset - read.offset + length);
        });
    }
  }
  return {
    async openInstance(object) {
      const { entry } = object;
      const stored = entry === undefined ? undefined : await reads.get(object)?.();
      // The row of another instance may name another version, with the same bytes.
      if (entry === undefined || stored === undefined) return drop.openInstance(object);
      return { kind: 'open', body: entryContent(Readable.from([stored]), entry, object.sizeBytes) };
    },
  };
}
