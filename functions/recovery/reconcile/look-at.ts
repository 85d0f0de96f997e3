import { type DropBucket, ObjectUnreadableError } from '../../instances/drop-bucket.ts';

/** `unreadable`: there is an object, and S3 refuses to give it. */
export type Sight = { kind: 'missing' } | { kind: 'present'; etag: string } | { kind: 'unreadable' };

/** What is under a key now. */
export async function lookAt(drop: DropBucket, key: string): Promise<Sight> {
  try {
    const read = await drop.readRange(key, 0, 0);
    return read.kind === 'missing' ? read : { kind: 'present', etag: read.etag };
  } catch (error) {
    if (error instanceof ObjectUnreadableError) return { kind: 'unreadable' };
    throw error;
  }
}
