import { createHash } from 'node:crypto';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beginUpload } from '../services/bucket/upload-in-parts.ts';
import { tagOf } from './archive-drops.ts';
import { type Drop, type FileInArchive, instancesIn } from './drops.ts';
import type { SimulatedWorld } from './world.ts';
import { DROP_BUCKET } from './world-names.ts';

/** An upload in parts began so long before it ended at most. */
export const MOST_SECONDS_OF_PARTS = 1_200;

/** What senders put into the drop bucket, and what it is. */
export class DroppedObjects {
  /** What lies under each key now. */
  readonly lying = new Map<string, Drop>();
  /** What the archives had that were dropped, by ETag. */
  readonly archives = new Map<string, readonly FileInArchive[]>();
  /** By ETag, and by the tag of an entry. */
  readonly #contents = new Map<string, string>();
  readonly #world: SimulatedWorld;

  constructor(world: SimulatedWorld) {
    this.#world = world;
  }

  /** The content that an ETag stands for. */
  contentOf(etag: string): string {
    return this.#contents.get(etag) ?? 'unknown';
  }

  /** @param toldAtSeconds of a correction: nobody began to upload it before */
  drop(drop: Drop, toldAtSeconds?: number): void {
    const { bucket, plan } = this.#world;
    const { key, bytes, place } = drop;
    const isStruck = instancesIn(place).length > 0 && plan.ofDelivery('index-instances', 'parts_drop');
    const longestSeconds = isStruck ? MOST_SECONDS_OF_PARTS : drop.inPartsSeconds;
    const etag =
      longestSeconds === undefined ? this.#put(drop) : this.#putInParts(drop, longestSeconds, toldAtSeconds);
    // What was put under the key while this was uploaded may stand.
    if (bucket.objectAt(key)?.etag === etag) this.lying.set(key, drop);
    const files = place.kind === 'archive' ? place.files : [];
    for (const file of files) this.#contents.set(tagOf(file), file.place.content);
    this.archives.set(etag, files);
    const content = place.kind === 'instance' ? place.content : createHash('md5').update(bytes).digest('hex');
    this.#contents.set(etag, content);
  }

  delete(key: string): void {
    this.#world.bucket.execute(new DeleteObjectCommand({ Bucket: DROP_BUCKET, Key: key }));
    this.lying.delete(key);
  }

  #put({ key, bytes }: Drop): string {
    const put = new PutObjectCommand({ Bucket: DROP_BUCKET, Key: key, Body: bytes });
    const { ETag } = this.#world.bucket.execute(put) as { ETag: string };
    return ETag.replaceAll('"', '');
  }

  #putInParts({ key, bytes }: Drop, longestSeconds: number, toldAtSeconds: number | undefined): string {
    const { bucket, random } = this.#world;
    const sinceTold = toldAtSeconds === undefined ? longestSeconds : this.#world.seconds() - toldAtSeconds;
    const began = random.between(1, Math.min(longestSeconds, Math.floor(sinceTold)));
    const end = this.#world.earlier(began, () => beginUpload(bucket, DROP_BUCKET, key));
    return end(bytes);
  }
}
