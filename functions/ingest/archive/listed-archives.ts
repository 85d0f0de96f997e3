import { type Archive, type ArchiveStore, isArchiveKey } from '../../instances/archive.ts';
import type { ListedObject } from '../../instances/drop-bucket.ts';
import type { Source } from '../../sources/source.ts';

/**
 * A listed object that is an archive by its name. `indexed`: as far as it can be. `waiting`: for its message. `unknown`: its event was
 * lost, or it is another file by its content.
 */
export type ListedArchive =
  | { object: ListedObject; kind: 'indexed' | 'waiting'; archive: Archive }
  | { object: ListedObject; kind: 'unknown' };

/** What the rows tell of the archives among listed objects; none of them is read. */
export async function findListedArchives(
  archives: Pick<ArchiveStore, 'ofContents'>,
  source: Source,
  listed: readonly ListedObject[],
): Promise<ListedArchive[]> {
  const named = listed.filter(({ key }) => isArchiveKey(key));
  const rows = await archives.ofContents(source.name, named);
  const byKey = new Map(rows.map((row) => [row.key, row]));
  return named.map((object) => {
    const archive = byKey.get(object.key);
    if (archive === undefined || archive.state === 'gone') return { object, kind: 'unknown' };
    return { object, kind: archive.state === 'waiting' ? 'waiting' : 'indexed', archive };
  });
}
