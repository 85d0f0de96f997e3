import { BadArchiveError } from '../../archives/archive-bytes.ts';
import { BLOCK_BYTES, readTarHeader } from '../../archives/tar-header.ts';
import { type Archive, type ArchiveFormat, archiveIdOf, firstProgress } from '../../instances/archive.ts';
import type { DropBucket } from '../../instances/drop-bucket.ts';
import { defined } from '../../shared/defined.ts';
import { rowExpiryOf } from '../../sources/row-expiry.ts';
import type { Source } from '../../sources/source.ts';
import type { IndexDeps } from '../index-deps.ts';

const PREAMBLE_BYTES = 128;

/**
 * Stores that there is an archive, and sends the message by which its entries are indexed; one request and one write, however large it
 * is. `undefined`: by its content it is no archive, or it is gone: it is handled as every other object. Throws if nothing is known to be
 * done: its event must be delivered again.
 */
export async function registerArchive(
  deps: Pick<IndexDeps, 'drop' | 'archives' | 'quarantine' | 'queues' | 'clock'>,
  { key, source }: { key: string; source: Source },
): Promise<Archive | undefined> {
  const head = await readArchiveHead(deps.drop, key);
  if (head === undefined) return undefined;
  const { format, range } = head;
  const archive: Archive = {
    id: archiveIdOf({ key, etag: range.etag }),
    source: source.name,
    key,
    format,
    etag: range.etag,
    ...defined({
      versionId: range.versionId,
      expiresAt: rowExpiryOf(source.retention, deps.clock().toISOString()),
    }),
    sizeBytes: range.totalSizeBytes,
    lastModified: range.lastModified,
    state: 'waiting',
    progress: firstProgress(format, 0),
  };
  await deps.archives.put(archive);
  // About what was under the key before. What is wrong with this one is written at its end.
  const [before] = await deps.quarantine.find([key]);
  if (before !== undefined && before.etag !== range.etag) await deps.quarantine.remove([key]);
  await deps.queues.sendCompletion(
    { kind: 'archive', source: source.name, archiveId: archive.id, tries: 0 },
    0,
  );
  return archive;
}

/** The first bytes of an object that is an archive; `undefined` for what is none. */
export async function readArchiveHead(drop: DropBucket, key: string) {
  const range = await drop.readRange(key, 0, BLOCK_BYTES - 1);
  const format = range.kind === 'missing' ? undefined : formatOf(range.bytes, key);
  return range.kind === 'missing' || format === undefined ? undefined : { format, range };
}

/** The name may be wrong about the format. A DICOM file is one whatever its name and its preamble say. */
function formatOf(bytes: Uint8Array, key: string): ArchiveFormat | undefined {
  const head = Buffer.from(bytes);
  const starts = (mark: string, at = 0) => head.toString('latin1', at, at + mark.length) === mark;
  if (starts('DICM', PREAMBLE_BYTES)) return undefined;
  // A file, an empty archive, and the first part of a split one.
  if (starts('PK\x03\x04') || starts('PK\x05\x06') || starts('PK\x07\x08')) return 'zip';
  try {
    const header = readTarHeader(head);
    const isEmpty = header === 'end' && key.toLowerCase().endsWith('.tar');
    return isEmpty || typeof header === 'object' ? 'tar' : undefined;
  } catch (error) {
    if (error instanceof BadArchiveError) return 'tar';
    throw error;
  }
}
