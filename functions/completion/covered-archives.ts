import { readArchiveParts } from '../ingest/archive/archive-parts.ts';
import { findListedArchives, type ListedArchive } from '../ingest/archive/listed-archives.ts';
import { registerArchive } from '../ingest/archive/register-archive.ts';
import type { IndexDeps } from '../ingest/index-deps.ts';
import type { Archive } from '../instances/archive.ts';
import { type ListedObject, ObjectUnreadableError } from '../instances/drop-bucket.ts';
import type { Instance } from '../instances/instance.ts';
import { mapConcurrently } from '../shared/concurrency.ts';
import type { Source } from '../sources/source.ts';

const AT_ONCE = 16;
/** Series of one page: each takes some calls when it is completed. A part adds up to 300. */
const MAX_SERIES = 1_000;

/** Where the next page begins: with a part of an archive, which is among the keys behind `after`. */
export interface MarkerPlace {
  after?: string;
  part?: { archiveId: string; number: number };
}

/** Entries of an archive that follow one another, by their offsets. */
export interface CoveredEntries {
  archive: Archive;
  from: number;
  to: number;
}

export interface ListedArchives {
  /** Indexed, or refused. */
  known: ReadonlyMap<ListedObject, Archive>;
  /** To be indexed by its own message; a lost event is made up for here. */
  unfinished: ReadonlyMap<ListedObject, Archive>;
  /** S3 refuses them: whether they are archives is not known. */
  refused: ReadonlyMap<ListedObject, ObjectUnreadableError>;
}

/** The archives among listed objects. By its content an object of such a name may be another file: it is in no list. */
export async function findArchives(
  deps: IndexDeps,
  source: Source,
  listed: readonly ListedObject[],
): Promise<ListedArchives> {
  const known = new Map<ListedObject, Archive>();
  const unfinished = new Map<ListedObject, Archive>();
  const refused = new Map<ListedObject, ObjectUnreadableError>();
  const sort = async (one: ListedArchive) => {
    const { object } = one;
    if (one.kind === 'indexed') known.set(object, one.archive);
    else if (one.kind === 'waiting') unfinished.set(object, one.archive);
    else if (object.isArchived === true) refused.set(object, new ObjectUnreadableError('InvalidObjectState'));
    else {
      const archive = await registerArchive(deps, { key: object.key, source });
      if (archive !== undefined) unfinished.set(object, archive);
    }
  };
  await mapConcurrently(await findListedArchives(deps.archives, source, listed), AT_ONCE, (one) =>
    sort(one).catch((error: unknown) => {
      if (!(error instanceof ObjectUnreadableError)) throw error;
      refused.set(one.object, error);
    }),
  );
  return { known, unfinished, refused };
}

/** The series of archives, as far as they fit into one page. `cover` is called with each series once. */
export async function coverArchives(
  deps: IndexDeps,
  objects: readonly ListedObject[],
  { known }: ListedArchives,
  place: MarkerPlace,
  cover: (archive: Archive, seriesInstanceUid: string, rows: readonly Instance[]) => void,
): Promise<{
  entries: ReadonlyMap<string, CoveredEntries>;
  before: readonly ListedObject[];
  next?: MarkerPlace;
}> {
  const rowsOf = new Map<string, readonly Instance[]>();
  /** By the key of the archive. */
  const entries = new Map<string, CoveredEntries>();
  for (const [at, object] of objects.entries()) {
    const archive = known.get(object);
    if (archive?.state !== 'done') continue;
    const first = place.part?.archiveId === archive.id ? place.part.number : 0;
    for await (const { number, series, from, to } of readArchiveParts(deps.archives, archive, first)) {
      if (rowsOf.size >= MAX_SERIES) {
        const after = objects[at - 1]?.key ?? place.after;
        const next = { part: { archiveId: archive.id, number }, ...(after === undefined ? {} : { after }) };
        return { entries, before: objects.slice(0, at), next };
      }
      entries.set(archive.key, { archive, from: entries.get(archive.key)?.from ?? from, to });
      await mapConcurrently(series, AT_ONCE, async (seriesInstanceUid) => {
        const id = { source: archive.source, seriesInstanceUid };
        const rows = rowsOf.get(seriesInstanceUid) ?? (await deps.instances.ofSeries(id));
        rowsOf.set(seriesInstanceUid, rows);
        cover(archive, seriesInstanceUid, rows);
      });
    }
  }
  return { entries, before: objects };
}

/** Each row is of one entry of one archive. */
export function isWithin({ object }: Instance, { archive, from, to }: CoveredEntries): boolean {
  const { entry } = object;
  return (
    object.key === archive.key &&
    object.etag === archive.etag &&
    entry !== undefined &&
    entry.offset >= from &&
    entry.offset <= to
  );
}
