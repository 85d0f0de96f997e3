import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { StoredObject } from '../../../functions/core/instance.ts';
import type {
  DropBucket,
  ListedObject,
  RangeAnswer,
  ResultsBucket,
  StoredResults,
} from '../../../functions/core/ports.ts';
import type { VirtualClock } from './virtual-clock.ts';

interface Version extends ListedObject {
  bytes: Uint8Array;
  versionId?: string;
}

/** ListObjectsV2 gives so many at most. */
const PAGE = 1000;

/** The drop bucket. What a client of the hospital does (`put`, `delete`) stands beside what the pipeline may do. */
export class VirtualDropBucket implements DropBucket {
  readonly #clock: VirtualClock;
  readonly #isVersioned: boolean;
  readonly #current = new Map<string, Version>();
  readonly #versions: Version[] = [];

  constructor(clock: VirtualClock, isVersioned: boolean) {
    this.#clock = clock;
    this.#isVersioned = isVersioned;
  }

  /** `etag`: another than the MD5, as multipart uploads and SSE-KMS have it. */
  put(key: string, bytes: Uint8Array, etag = createHash('md5').update(bytes).digest('hex')): void {
    // S3 keeps whole seconds.
    const lastModified = `${this.#clock.instant().slice(0, 19)}.000Z`;
    const version: Version = { key, bytes, sizeBytes: bytes.byteLength, etag, lastModified };
    if (this.#isVersioned) version.versionId = `v${this.#versions.length + 1}`;
    this.#versions.push(version);
    this.#current.set(key, version);
  }

  delete(key: string): void {
    this.#current.delete(key);
  }

  keys(): string[] {
    return [...this.#current.keys()];
  }

  async readRange(key: string, startByte: number, endByte: number): Promise<RangeAnswer> {
    const held = this.#current.get(key);
    if (held === undefined) return { kind: 'missing' };
    if (startByte > 0 && startByte >= held.sizeBytes)
      throw new RangeError('InvalidRange: begins after the end');
    const { etag, lastModified, versionId } = held;
    return {
      kind: 'range',
      bytes: held.bytes.slice(startByte, endByte + 1),
      totalSizeBytes: held.sizeBytes,
      etag,
      lastModified,
      ...(versionId === undefined ? {} : { versionId }),
    };
  }

  async openInstance(object: StoredObject): ReturnType<DropBucket['openInstance']> {
    const held =
      object.versionId === undefined
        ? this.#current.get(object.key)
        : this.#versions.find(({ key, versionId }) => key === object.key && versionId === object.versionId);
    if (held?.etag !== object.etag) return { kind: 'missing' };
    return { kind: 'open', body: Readable.from([held.bytes]) };
  }

  async list(prefix: string, startAfter?: string): ReturnType<DropBucket['list']> {
    const found = [...this.#current.values()]
      .filter(({ key }) => key.startsWith(prefix))
      .filter(({ key }) => startAfter === undefined || byBytes(key, startAfter) > 0)
      .sort((a, b) => byBytes(a.key, b.key));
    const objects = found
      .slice(0, PAGE)
      .map(({ key, sizeBytes, etag, lastModified }) => ({ key, sizeBytes, etag, lastModified }));
    return { objects, isLast: found.length <= PAGE };
  }
}

/** S3 lists keys in the order of their UTF-8 bytes. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

export class VirtualResultsBucket implements ResultsBucket, StoredResults {
  readonly objects = new Map<string, { body: Buffer; contentType: string; tags?: Record<string, string> }>();

  async put(key: string, body: Uint8Array, contentType: string): Promise<void> {
    this.objects.set(key, { body: Buffer.from(body), contentType });
  }

  /** An upload is taken whole or not at all. */
  async putStream(key: string, body: Readable, contentType: string): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk as Uint8Array);
    this.objects.set(key, { body: Buffer.concat(chunks), contentType });
  }

  async keys(prefix: string): Promise<string[]> {
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort(byBytes);
  }

  async open(key: string): Promise<Readable | undefined> {
    const held = this.objects.get(key);
    return held === undefined ? undefined : Readable.from([held.body]);
  }

  async tag(key: string, tags: Readonly<Record<string, string>>): Promise<'tagged' | 'missing'> {
    const held = this.objects.get(key);
    if (held === undefined) return 'missing';
    held.tags = { ...tags };
    return 'tagged';
  }

  async linkTo(folder: string, file: string, expiresInSeconds: number): Promise<string> {
    return `https://results.example/${folder}${file}?expires=${expiresInSeconds}`;
  }

  async readJson(key: string, maxBytes: number): Promise<unknown> {
    const held = this.objects.get(key);
    if (held === undefined || held.body.length > maxBytes) return undefined;
    try {
      return JSON.parse(held.body.toString());
    } catch {
      return undefined;
    }
  }

  text(key: string): string | undefined {
    return this.objects.get(key)?.body.toString();
  }
}
