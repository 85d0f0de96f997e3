import * as z from 'zod';
import { decodeEventKey } from '../core/drop-key.ts';

/** Amazon S3 User Guide, "Naming Amazon S3 objects". */
const MAX_KEY_BYTES = 1024;

/** One created object of an S3 event notification. */
export interface CreatedObject {
  key: string;
  /** Absent in some events of copies and multipart uploads. */
  sizeBytes?: number;
}

/** Only what is used is asked for; S3 adds fields over time (Amazon S3 User Guide, event message structure 2.x). */
const s3EventSchema = z.object({
  Records: z.array(
    z.object({
      eventName: z.string(),
      s3: z.object({
        object: z.object({ key: z.string().min(1), size: z.number().nonnegative().optional() }),
      }),
    }),
  ),
});

/** S3 sends this once, when a notification is configured. */
const testEventSchema = z.object({ Event: z.literal('s3:TestEvent') });

export type S3EventReading = { kind: 'created'; objects: CreatedObject[] } | { kind: 'malformed' };

/** Reads the body of a message of the ingest queue. Events of other kinds than ObjectCreated count as nothing to do. */
export function readS3Event(body: string): S3EventReading {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { kind: 'malformed' };
  }
  if (testEventSchema.safeParse(value).success) return { kind: 'created', objects: [] };
  const parsed = s3EventSchema.safeParse(value);
  if (!parsed.success) return { kind: 'malformed' };
  try {
    const objects = parsed.data.Records.filter((record) => isCreation(record.eventName)).map(({ s3 }) => ({
      key: possibleKey(decodeEventKey(s3.object.key)),
      ...(s3.object.size === undefined ? {} : { sizeBytes: s3.object.size }),
    }));
    return { kind: 'created', objects };
  } catch {
    // A key that is not percent-encoded UTF-8, or that no object can have, never came from S3.
    return { kind: 'malformed' };
  }
}

/**
 * Throws for a key that no object can have. The bound also keeps the folders of a key, each of which is hashed, few:
 * without it a message full of slashes would take time in the square of its length.
 */
function possibleKey(key: string): string {
  if (key.isWellFormed() && Buffer.byteLength(key) <= MAX_KEY_BYTES) return key;
  throw new RangeError(`expected a key of at most ${MAX_KEY_BYTES} bytes of UTF-8; drop the object again`);
}

/** `ObjectCreated:Put`; EventBridge and older events write `s3:ObjectCreated:Put`. */
function isCreation(eventName: string): boolean {
  return eventName.replace(/^s3:/, '').startsWith('ObjectCreated:');
}
