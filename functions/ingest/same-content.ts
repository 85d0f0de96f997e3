import { createHash } from 'node:crypto';
import { contentTagOf, DamagedEntryError } from '../instances/archive-entry.ts';
import { type DropBucket, ObjectUnreadableError } from '../instances/drop-bucket.ts';
import type { StoredObject } from '../instances/instance.ts';

/** Reading more would take longer than the function has; a larger object counts as another one, which costs a generation. */
const MAX_COMPARED_BYTES = 256 * 1024 * 1024;

/**
 * Whether two objects hold the same bytes. Equal tags and sizes prove it. Different ETags prove nothing: those of
 * multipart uploads depend on the parts, and with SSE-KMS they are no digest at all (Amazon S3 API Reference,
 * Object). So two objects of equal size are read and compared; that happens only when one SOPInstanceUID comes twice.
 */
export async function hasSameContent(
  drop: DropBucket,
  one: StoredObject,
  other: StoredObject,
): Promise<boolean> {
  if (one.sizeBytes !== other.sizeBytes) return false;
  if (contentTagOf(one) === contentTagOf(other)) return true;
  if (one.entry !== undefined && other.entry !== undefined) return false;
  if (one.sizeBytes > MAX_COMPARED_BYTES) return false;
  const [a, b] = await Promise.all([digestOf(drop, one), digestOf(drop, other)]);
  // An object that is gone, refused or damaged cannot be compared: taken as different, which costs one more generation at most.
  return a !== undefined && a === b;
}

async function digestOf(drop: DropBucket, object: StoredObject): Promise<string | undefined> {
  const opened = await drop.openInstance(object).catch((error: unknown) => {
    if (error instanceof ObjectUnreadableError) return { kind: 'unreadable' as const };
    throw error;
  });
  if (opened.kind !== 'open') return undefined;
  const hash = createHash('sha256');
  try {
    for await (const chunk of opened.body) hash.update(chunk as Uint8Array);
  } catch (error) {
    if (error instanceof DamagedEntryError) return undefined;
    throw error;
  }
  return hash.digest('hex');
}
