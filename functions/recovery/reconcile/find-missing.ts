import { type DropBucket, ObjectUnreadableError } from '../../instances/drop-bucket.ts';
import type { Instance } from '../../instances/instance.ts';
import { lookAt } from './look-at.ts';

/**
 * Finds the rows whose content is neither under its key nor in a version that can still be read. It lists from key to key: one
 * request returns up to a thousand neighbours, so that a series in a folder of its own costs one request.
 */
export async function findMissing(drop: DropBucket, rows: readonly Instance[]): Promise<Instance[]> {
  const missing: Instance[] = [];
  let listed = new Map<string, string>();
  let listedUpTo = '';
  const isVersionKept = rememberVersions(drop);
  for (const row of [...rows].sort((a, b) => byBytes(a.object.key, b.object.key))) {
    const { key, etag } = row.object;
    if (byBytes(key, listedUpTo) > 0) {
      const page = await drop.list('', keyBefore(key));
      listed = new Map(page.objects.map((object) => [object.key, object.etag]));
      listedUpTo = page.isLast ? AFTER_ALL_KEYS : (page.objects.at(-1)?.key ?? '');
      if (byBytes(key, listedUpTo) > 0) await lookUp(drop, row, listed);
    }
    if (listed.get(key) !== etag && !(await isVersionKept(row))) missing.push(row);
  }
  return missing;
}

/** Sorts after every key: UTF-8 has no greater bytes. */
const AFTER_ALL_KEYS = '\u{10ffff}';

/** A key shortly before this one; its last character goes as a whole. */
function keyBefore(key: string): string | undefined {
  const before = [...key].slice(0, -1).join('');
  return before === '' ? undefined : before;
}

/** A key with very many neighbours, which a page did not reach. What S3 refuses is not missing. */
async function lookUp(drop: DropBucket, { object }: Instance, listed: Map<string, string>): Promise<void> {
  const there = await lookAt(drop, object.key);
  if (there.kind !== 'missing') listed.set(object.key, there.kind === 'present' ? there.etag : object.etag);
}

/** The entries of an archive are one object: it is looked up once. */
function rememberVersions(drop: DropBucket): (row: Instance) => Promise<boolean> {
  const kept = new Map<string, Promise<boolean>>();
  return (row) => {
    const { key, versionId } = row.object;
    if (versionId === undefined) return Promise.resolve(false);
    const id = `${versionId} ${key}`;
    const answer = kept.get(id) ?? isVersionKept(drop, row);
    kept.set(id, answer);
    return answer;
  };
}

/** Only rows of a versioned bucket name a version; uploads read that one, whatever lies under the key. */
async function isVersionKept(drop: DropBucket, { object }: Instance): Promise<boolean> {
  if (object.versionId === undefined) return false;
  try {
    const opened = await drop.openInstance(object);
    if (opened.kind === 'missing') return false;
    opened.body.destroy();
    return true;
  } catch (error) {
    if (error instanceof ObjectUnreadableError) return true;
    throw error;
  }
}

/** S3 lists keys in the order of their UTF-8 bytes. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
