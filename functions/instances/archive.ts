import { createHash } from 'node:crypto';
import type { Instant } from '../shared/time.ts';
import type { Instance } from './instance.ts';
import type { SeriesId } from './series-id.ts';

/** By its key an object may be an archive; its first bytes decide. Events and listings tell no more than the key. */
export function isArchiveKey(key: string): boolean {
  return /\.(zip|tar)$/i.test(key);
}

export interface ArchiveContent {
  key: string;
  etag: string;
}

/** A hash of the key, which may hold a name, and of the content: each content of a key has a row of its own. */
export function archiveIdOf({ key, etag }: ArchiveContent): string {
  return hashOf(`${etag} ${key}`);
}

/** Of the row of an earlier version, which had one for each key: of the content that was dropped there last. */
export function formerArchiveIdOf({ key }: Pick<ArchiveContent, 'key'>): string {
  return hashOf(key);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

export type ArchiveFormat = 'zip' | 'tar';

/** How many entries cannot be used for one reason, and the number of the first of them. */
export interface Unusable {
  count: number;
  first: number;
}

/** The CRC-32 of the first bytes of an entry. */
export interface EntrySum {
  bytes: number;
  crc32: number;
}

/** How far an archive is indexed. */
export interface ArchiveProgress {
  /** Optimistic lock. */
  version: number;
  /** `check`: nothing is indexed before the archive is known to be whole. */
  phase: 'check' | 'index';
  /** Of a zip, how many entries were read; of a tar, where the next header is. */
  next: number;
  /** Of the entry at `next` of a tar: a large one takes several steps. */
  sum?: EntrySum;
  /** Files so far. */
  entries: number;
  /** Parts so far. */
  parts: number;
  instances: number;
  /** No DICOM files, such as the viewer of a CD. */
  foreign: number;
  /** By reason. */
  unusable: Record<string, Unusable>;
}

/** `version`: greater than that of every walk before. */
export function firstProgress(format: ArchiveFormat, version: number): ArchiveProgress {
  return {
    version,
    // The directory of a zip is read as a whole before its entries.
    phase: format === 'zip' ? 'index' : 'check',
    next: 0,
    entries: 0,
    parts: 0,
    instances: 0,
    foreign: 0,
    unusable: {},
  };
}

/** An archive in the drop bucket whose entries are instances. One row for each content of a key. */
export interface Archive {
  id: string;
  source: string;
  key: string;
  format: ArchiveFormat;
  etag: string;
  versionId?: string;
  sizeBytes: number;
  lastModified: Instant;
  /** Of its rows. Absent: never. */
  expiresAt?: Instant;
  /** `refused`: nothing in it may be used. `gone`: its bytes are there no more, before the end of its walk. */
  state: 'waiting' | 'done' | 'refused' | 'gone';
  /** An earlier walk has come to its end. */
  isWhole?: true;
  /** Why it was refused; for people. */
  detail?: string;
  progress: ArchiveProgress;
}

/** The entries of one step of the walk: whose series they are of, and from which offset to which. */
export interface ArchivePart {
  series: string[];
  from: number;
  to: number;
}

export interface ArchiveStore {
  /** Its progress begins anew, unless this very drop was put before. */
  put(archive: Archive): Promise<void>;
  /** Those of the given archives that have a row; strongly consistent. */
  find(source: string, archiveIds: readonly string[]): Promise<Archive[]>;
  /** Those of the given contents that have a row, one for each; strongly consistent. */
  ofContents(source: string, contents: readonly ArchiveContent[]): Promise<Archive[]>;
  /** `changed`: nothing was written, since the archive was dropped again, or its progress is not of this version any more. */
  save(archive: Archive, version: number): Promise<'saved' | 'changed'>;
  /** Each series of the part has the archive among its own from then on. */
  putPart(archive: Archive, number: number, part: ArchivePart): Promise<void>;
  /** Some parts, from this one on. */
  partsOf(archive: Archive, from: number): Promise<ArchivePart[]>;
  /** Those that have, or had, instances of the series; strongly consistent. */
  ofSeries(id: SeriesId): Promise<Archive[]>;
  /** It is to be indexed once more. `changed`: nothing was written, since its row is another one by now. */
  reopen(archive: Archive): Promise<'saved' | 'changed'>;
}

/** The archives from which the rows of these instances are. */
export async function archivesOf(
  archives: Pick<ArchiveStore, 'ofContents'>,
  source: string,
  instances: readonly Pick<Instance, 'object'>[],
): Promise<Archive[]> {
  const contents = new Map(
    instances.flatMap(({ object }) =>
      object.entry === undefined ? [] : [[`${object.etag} ${object.key}`, object] as const],
    ),
  );
  return contents.size === 0 ? [] : archives.ofContents(source, [...contents.values()]);
}

/** Its rows are those of a part, and the other entries will never be known. */
export function isAbandoned({ state, isWhole }: Archive): boolean {
  return state === 'gone' && isWhole !== true;
}

/** What a new walk keeps of the ones before. */
export function wholeness({ state, isWhole }: Archive): Pick<Archive, 'isWhole'> {
  return state === 'done' || isWhole === true ? { isWhole: true } : {};
}
