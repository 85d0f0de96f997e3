import { compareUtf8 } from '../table/attribute-values.ts';
import { partitionPoint } from '../table/sorted-rows.ts';

export interface ObjectVersion {
  readonly key: string;
  readonly versionId: string | undefined;
  /** Absent of a delete marker. */
  readonly bytes: Uint8Array | undefined;
  /** Without quotes. */
  readonly etag: string;
  readonly contentType: string | undefined;
  /** Of an upload in parts, when it began. */
  readonly lastModified: Date;
  /** Since then it can be seen. */
  readonly completedAt: Date;
  /** Those of the object; they change without a new version. */
  tags?: Readonly<Record<string, string>>;
}

/** Objects by key with all their versions, listed in the order of the keys' UTF-8 bytes. */
export class StoredObjects {
  /** Newest last. */
  readonly #versions = new Map<string, ObjectVersion[]>();
  /** Keys whose newest version is an object; sorted when somebody lists. */
  #sortedKeys: string[] | undefined = [];

  /** The newest version, a delete marker perhaps. */
  newest(key: string): ObjectVersion | undefined {
    return this.#versions.get(key)?.at(-1);
  }

  version(key: string, versionId: string): ObjectVersion | undefined {
    return this.#versions.get(key)?.find((version) => version.versionId === versionId);
  }

  /**
   * Of the versions of a key the one that was begun last is current (Amazon S3 User Guide, "Concurrent multipart upload operations").
   * Without versions S3 leaves open which one stays: here the one that is completed last.
   */
  add(version: ObjectVersion, keepsOlder: boolean): void {
    const { key, lastModified } = version;
    const before = this.newest(key);
    const versions = keepsOlder ? (this.#versions.get(key) ?? []) : [];
    const isBefore = (other: ObjectVersion) => other.lastModified <= lastModified;
    this.#versions.set(key, versions.toSpliced(versions.findLastIndex(isBefore) + 1, 0, version));
    if ((before?.bytes === undefined) !== (this.newest(key)?.bytes === undefined))
      this.#sortedKeys = undefined;
  }

  /** Forgets the object, or one version of it. */
  remove(key: string, versionId: string | undefined): void {
    const left =
      versionId === undefined
        ? []
        : (this.#versions.get(key) ?? []).filter((version) => version.versionId !== versionId);
    if (left.length === 0) this.#versions.delete(key);
    else this.#versions.set(key, left);
    this.#sortedKeys = undefined;
  }

  /** Current objects behind `after` that begin with `prefix`, in order, `limit` at most. */
  list(prefix: string, after: string, limit: number): ObjectVersion[] {
    const keys = this.#keys();
    const found: ObjectVersion[] = [];
    const start = partitionPoint(keys, (key) => compareUtf8(key, after) <= 0 || compareUtf8(key, prefix) < 0);
    for (let at = start; at < keys.length && found.length < limit; at += 1) {
      const key = keys[at] as string;
      if (!key.startsWith(prefix)) break;
      const object = this.newest(key);
      if (object?.bytes !== undefined) found.push(object);
    }
    return found;
  }

  *[Symbol.iterator](): Generator<ObjectVersion> {
    for (const key of this.#keys()) {
      const object = this.newest(key);
      if (object !== undefined) yield object;
    }
  }

  #keys(): string[] {
    this.#sortedKeys ??= [...this.#versions.keys()]
      .filter((key) => this.newest(key)?.bytes !== undefined)
      .sort(compareUtf8);
    return this.#sortedKeys;
  }
}
