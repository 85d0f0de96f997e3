import type { Instance } from '../core/instance.ts';
import type { UploadMark } from '../core/ports.ts';

/** What the marks of uploads tell of the contents that Qure holds. */

/** Instances that were sent with another content before: in an earlier round too, since Qure may not have lost what it says. */
export function replacedIn(marks: readonly UploadMark[], instances: readonly Instance[]): Set<string> {
  const present = new Set(instances.map((instance) => contentId(toMarkedFile(instance))));
  const replaced = marks.flatMap(({ registered, replacing = [] }) => [
    ...replacing,
    ...registered.filter((one) => !present.has(contentId(one))),
  ]);
  return new Set(replaced.map(({ sopInstanceUid }) => sopInstanceUid));
}

/** Instances of which nobody outside Qure knows whether it holds the content of now or the one before. */
export function unconfirmedOf(instances: readonly Instance[], marks: readonly UploadMark[]): number {
  const unconfirmed = new Set(
    marks.flatMap(({ registered, unconfirmed: of = [] }) =>
      registered.filter((one) => of.includes(one.sopInstanceUid)).map(contentId),
    ),
  );
  return instances.filter((instance) => unconfirmed.has(contentId(toMarkedFile(instance)))).length;
}

function contentId({ sopInstanceUid, etag }: { sopInstanceUid: string; etag: string }): string {
  return `${sopInstanceUid} ${etag}`;
}

/**
 * ETag of what Qure holds, by SOPInstanceUID. A content that comes back (one, another, the first again) has a mark from
 * before, but Qure holds the other one, or may hold it.
 */
export function newestRegistered(marks: readonly UploadMark[]): Map<string, string> {
  const held = new Map<string, string>();
  const isBefore = (a: UploadMark, b: UploadMark) =>
    (a.generation ?? 0) - (b.generation ?? 0) || a.registered.length - b.registered.length;
  for (const { registered, replacing = [] } of [...marks].sort(isBefore)) {
    for (const { sopInstanceUid } of replacing) held.delete(sopInstanceUid);
    for (const { sopInstanceUid, etag } of registered) held.set(sopInstanceUid, etag);
  }
  return held;
}

export function toMarkedFile(
  { sopInstanceUid, object }: Instance,
  sha256?: string,
): UploadMark['registered'][number] {
  return { sopInstanceUid, etag: object.etag, ...(sha256 === undefined ? {} : { sha256 }) };
}
