import { defined } from './defined.ts';
import type { Instance } from './instance.ts';
import type { MarkedFile, UploadRecord } from './ports.ts';

/** What the marks of uploads tell of the contents that Qure holds. */

/** Instances that the marks name with another content, which Qure may hold. */
export function replacedIn(marks: readonly UploadRecord[], instances: readonly Instance[]): Instance[] {
  const present = new Set(instances.map((instance) => contentId(toMarkedFile(instance))));
  const others = marks
    .flatMap(({ registered, sent = [] }) => [...registered, ...sent])
    .filter((file) => !present.has(contentId(file)));
  const replaced = new Set(others.map(({ sopInstanceUid }) => sopInstanceUid));
  return instances.filter(({ sopInstanceUid }) => replaced.has(sopInstanceUid));
}

export function notRegistered(marks: readonly UploadRecord[], instances: readonly Instance[]): Instance[] {
  const registered = new Set(marks.flatMap((mark) => mark.registered.map(contentId)));
  return instances.filter((instance) => !registered.has(contentId(toMarkedFile(instance))));
}

/** Instances of which nobody outside Qure knows whether it holds the content of now or the one before. */
export function unconfirmedOf(instances: readonly Instance[], marks: readonly UploadRecord[]): number {
  const unconfirmed = new Set(
    marks.flatMap(({ registered, unconfirmed: of = [] }) =>
      registered.filter((one) => of.includes(one.sopInstanceUid)).map(contentId),
    ),
  );
  return instances.filter((instance) => unconfirmed.has(contentId(toMarkedFile(instance)))).length;
}

/** The same bytes have the same ETag within a key. */
export function contentId({ sopInstanceUid, etag }: MarkedFile): string {
  return `${sopInstanceUid} ${etag}`;
}

export function toMarkedFile({ sopInstanceUid, object }: Instance, sha256?: string): MarkedFile {
  return { sopInstanceUid, etag: object.etag, ...defined({ sha256 }) };
}
