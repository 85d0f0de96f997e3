import { crc32 } from 'node:zlib';
import { contentTagOf } from '../../functions/instances/archive-entry.ts';
import { crc32Text } from '../../functions/instances/entry-content.ts';
import { tarOf } from '../support/tar.ts';
import { zipOf } from '../support/zip.ts';
import type { Drop, FileInArchive, InstancePlace } from './drops.ts';
import { PATIENT_WORD } from './scans.ts';
import type { ArchiveScenario } from './scenario.ts';

/** Instances that come in archives: one archive or two, beside their files or in place of them, and perhaps once more. */
export function archiveDrops(
  { format, isSplit, again }: ArchiveScenario,
  folder: string,
  files: readonly Drop[],
  /** The same instance, with other content. */
  changed: (place: InstancePlace) => FileInArchive,
): Drop[] {
  const inArchive = files.flatMap(({ place, bytes }) =>
    place.kind === 'instance' ? [{ place, bytes }] : [],
  );
  const middle = isSplit ? Math.ceil(inArchive.length / 2) : inArchive.length;
  const atSeconds = Math.max(...files.map((file) => file.atSeconds));
  const name = (number: number) => `scan ${number}.${format === 'tar' ? 'TAR' : 'zip'}`;
  const drops = [inArchive.slice(0, middle), inArchive.slice(middle)]
    .filter((part) => part.length > 0)
    .map((part, number) => archiveOf(format, `${folder}/${name(number)}`, part, atSeconds));
  const [first] = drops;
  if (again === undefined || first?.place.kind !== 'archive') return drops;
  const key = again.isElsewhere ? `${folder}/again/${name(0)}` : first.key;
  const content = again.isOtherContent
    ? first.place.files.map(({ place }) => changed(place))
    : first.place.files;
  // Written anew: another ETag, and each file elsewhere in it.
  const readme = { bytes: Buffer.from('written by another program') };
  return [...drops, archiveOf(format, key, content, atSeconds + again.afterSeconds + 0.5, [readme])];
}

export function archiveOf(
  format: ArchiveScenario['format'],
  key: string,
  files: readonly FileInArchive[],
  atSeconds: number,
  others: readonly Pick<FileInArchive, 'bytes'>[] = [],
): Drop {
  const named = [...others, ...files].map(({ bytes }, at) => ({
    name: `${PATIENT_WORD}/IM ${at}`,
    content: Buffer.from(bytes),
  }));
  const method = format === 'deflated-zip' ? 8 : 0;
  const bytes = format === 'tar' ? tarOf(named) : zipOf(named.map((file) => ({ ...file, method })));
  return { key, atSeconds, bytes, place: { kind: 'archive', files } };
}

/** The head of a tar, which tells that it is one. */
const HEAD_BYTES = 600;

/** A sender that broke off. Nothing of it may be indexed. A zip of one file may be shorter than the head of a tar. */
export function cutOff(drop: Drop): Drop {
  const length = Math.max(HEAD_BYTES, Math.floor(drop.bytes.length * 0.7));
  const bytes = drop.bytes.subarray(0, Math.min(length, drop.bytes.length - 1));
  return { ...drop, bytes, place: { kind: 'quarantine' } };
}

/** By which the rows of entries name their content. */
export function tagOf({ bytes }: Pick<FileInArchive, 'bytes'>): string {
  const entry = { offset: 0, storedBytes: 0, method: 'stored' as const, crc32: crc32Text(crc32(bytes)) };
  return contentTagOf({ etag: '', sizeBytes: bytes.length, entry });
}
