import { contentTagOf } from '../instances/archive-entry.ts';
import type { Instance } from '../instances/instance.ts';
import type { SeriesId } from '../instances/series-id.ts';
import { defined } from '../shared/defined.ts';
import type { Instant } from '../shared/time.ts';

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

/** Instances of which it is not known outside Qure whether it holds the present content or the one before. */
export function unconfirmedOf(instances: readonly Instance[], marks: readonly UploadRecord[]): number {
  const unconfirmed = new Set(
    marks.flatMap(({ registered, unconfirmed: of = [] }) =>
      registered.filter((one) => of.includes(one.sopInstanceUid)).map(contentId),
    ),
  );
  return instances.filter((instance) => unconfirmed.has(contentId(toMarkedFile(instance)))).length;
}

/** The same bytes have the same tag within a key, and entries of archives have it everywhere. */
export function contentId({ sopInstanceUid, etag }: MarkedFile): string {
  return `${sopInstanceUid} ${etag}`;
}

export function toMarkedFile({ sopInstanceUid, object }: Instance, sha256?: string): MarkedFile {
  return { sopInstanceUid, etag: contentTagOf(object), ...defined({ sha256 }) };
}

/** A content of an instance. */
export interface MarkedFile {
  sopInstanceUid: string;
  /** `contentTagOf` its object. */
  etag: string;
  /** Of the bytes that went to Qure. Absent in old marks, and where no answer came. */
  sha256?: string;
}

/** What Qure registered with one upload request. The marks of a round are of one content of each instance. */
export interface UploadRecord {
  registered: MarkedFile[];
  /** About to be sent in place of another content, or sent out of order: Qure may hold them, whatever it answers. */
  sent?: MarkedFile[];
  /** SOPInstanceUIDs among `registered` that replaced another content, and of which Qure said only that it has them. */
  unconfirmed?: string[];
  /** NumberOfSeriesRelatedInstances of the receipt. */
  instancesAtQure?: number;
}

export interface UploadRecordStore {
  /** `expiresAt`: of the row; absent: never. */
  add(id: SeriesId, round: number, mark: UploadRecord, expiresAt?: Instant): Promise<void>;
  /** Of one round, in any order. */
  of(id: SeriesId, round: number): Promise<UploadRecord[]>;
  /** Of all rounds, in any order. */
  ofAllRounds(id: SeriesId): Promise<UploadRecord[]>;
}
