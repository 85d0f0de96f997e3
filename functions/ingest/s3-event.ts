import { defined } from '../shared/defined.ts';
import * as z from '../shared/schema.ts';
import { decodeEventKey } from '../sources/drop-key.ts';

/** Amazon S3 User Guide, "Naming Amazon S3 objects". */
const MAX_KEY_BYTES = 1024;

/** One created object of an S3 event. */
export interface CreatedObject {
  /** The name of its bucket; only those of the drop bucket are ours. */
  bucket: string;
  key: string;
  /** Absent in some events of copies and multipart uploads. */
  sizeBytes?: number;
}

export type S3EventReading = { kind: 'created'; objects: CreatedObject[] } | { kind: 'malformed' };

/** Only what is used is asked for; S3 adds fields over time. */
const bucket = z.object({ name: z.string().check(z.minLength(1)) });
const object = z.object({
  key: z.string().check(z.minLength(1)),
  size: z.optional(z.int().check(z.nonnegative())),
});

/** From S3 itself. Source: Amazon S3 User Guide, "Event message structure", 2.x. */
const notification = z.object({
  Records: z.array(z.object({ eventName: z.string(), s3: z.object({ bucket, object }) })),
});

/** S3 sends this once, when a notification is configured. */
const testEvent = z.object({ Event: z.literal('s3:TestEvent') });

/** From S3 by way of EventBridge, for whatever happens in a bucket. */
const eventBridgeEvent = z.object({ source: z.literal('aws.s3'), 'detail-type': z.string() });

/**
 * A put, a post, a copy or the end of a multipart upload. The key is the plain one, not URL-encoded as in a notification.
 * Source: Amazon S3 User Guide, "EventBridge event message structure" and "EventBridge mapping".
 */
const objectCreated = z.object({
  'detail-type': z.literal('Object Created'),
  detail: z.object({ bucket, object }),
});

/** What SNS makes of an event when raw delivery is off. Source: Amazon SNS developer guide, "Parsing message formats". */
const snsNotification = z.object({
  Type: z.literal('Notification'),
  TopicArn: z.string(),
  Message: z.string(),
});

/**
 * Reads the body of a message of the ingest queue: an event of S3, as S3, EventBridge or an SNS topic delivers it. Events of
 * other kinds than a created object count as nothing to do. A key that S3 cannot have written makes the body malformed.
 */
export function readS3Event(body: string): S3EventReading {
  try {
    const value: unknown = JSON.parse(body);
    const wrapped = snsNotification.safeParse(value);
    const objects = createdObjectsOf(wrapped.success ? JSON.parse(wrapped.data.Message) : value);
    return objects === undefined ? { kind: 'malformed' } : { kind: 'created', objects };
  } catch {
    // No JSON, a key that is not percent-encoded UTF-8, or one that no object can have: never from S3.
    return { kind: 'malformed' };
  }
}

/** `undefined` for what is no event of S3. Throws for an impossible key. */
function createdObjectsOf(value: unknown): CreatedObject[] | undefined {
  const notified = notification.safeParse(value).data;
  if (notified !== undefined) {
    return notified.Records.filter(({ eventName }) => isCreation(eventName)).map(({ s3 }) =>
      toCreated(s3, decodeEventKey(s3.object.key)),
    );
  }
  if (testEvent.safeParse(value).success) return [];
  const routed = eventBridgeEvent.safeParse(value).data;
  if (routed === undefined) return undefined;
  if (routed['detail-type'] !== 'Object Created') return [];
  const created = objectCreated.safeParse(value).data;
  return created === undefined ? undefined : [toCreated(created.detail, created.detail.object.key)];
}

function toCreated(
  { bucket: { name }, object: { size } }: { bucket: z.infer<typeof bucket>; object: z.infer<typeof object> },
  key: string,
): CreatedObject {
  return { bucket: name, key: possibleKey(key), ...defined({ sizeBytes: size }) };
}

/**
 * Throws for a key that no object can have. The bound also keeps the folders of a key, each of which is hashed, few:
 * without it a message full of slashes would take time in the square of its length.
 */
function possibleKey(key: string): string {
  if (key.isWellFormed() && Buffer.byteLength(key) <= MAX_KEY_BYTES) return key;
  throw new RangeError(`expected a key of at most ${MAX_KEY_BYTES} bytes of UTF-8; drop the object again`);
}

/** `ObjectCreated:Put`; older events write `s3:ObjectCreated:Put`. */
function isCreation(eventName: string): boolean {
  return eventName.replace(/^s3:/, '').startsWith('ObjectCreated:');
}
