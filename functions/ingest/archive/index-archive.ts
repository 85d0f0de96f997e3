import { BadArchiveError } from '../../archives/archive-bytes.ts';
import type { Archive, ArchiveProgress } from '../../instances/archive.ts';
import type { Instance } from '../../instances/instance.ts';
import { defined } from '../../shared/defined.ts';
import type { Source } from '../../sources/source.ts';
import type { IndexDeps } from '../index-deps.ts';
import { putInstances, rowOf } from '../index-objects.ts';
import { ingestObjects } from '../ingest-objects.ts';
import { ArchiveGoneError, archiveReader } from './archive-reader.ts';
import { type EntryPage, tarCheck, tarPages, zipPages } from './entry-pages.ts';
import { finishArchive } from './finish-archive.ts';

/** A run begins no step after so long: checks of other series, also urgent ones, wait for a free run meanwhile. */
const RUN_MS = 20_000;

/** Longer than a run that is at the same place takes for its steps. */
const OVERTAKEN_SECONDS = 60;

/** Rows of a step could not be written. The step is repeated as a whole. */
export class ArchiveNotIndexedError extends Error {
  override name = 'ArchiveNotIndexedError';
}

/**
 * Indexes the entries of an archive, step by step from where its row says. The place is saved after the rows of a step: what a run leaves
 * behind that dies in between is written again, and changes nothing. Of two runs at one place one saves it, and the other one ends,
 * with a message: they may have had the same one, which is deleted now, and the first may die. An archive that does not fit into one
 * run is handed on by message; the row holds the place, so that a repeated message does no harm.
 */
export async function indexArchive(deps: IndexDeps, registered: Archive, source: Source): Promise<void> {
  if (registered.state !== 'waiting') return finishArchive(deps, registered, source);
  const step = stepOf(deps, registered, source);
  const endMs = deps.clock().getTime() + RUN_MS;
  let archive = registered;
  do {
    const next = await step(archive).catch((error: unknown) => refusalOf(archive, error));
    if (next === 'gone') return replace(deps, archive, source);
    if ((await deps.archives.save(next, archive.progress.version)) === 'changed')
      return sendRest(deps, archive, OVERTAKEN_SECONDS);
    archive = next;
    if (archive.state !== 'waiting') return finishArchive(deps, archive, source);
  } while (deps.clock().getTime() < endMs);
  await sendRest(deps, archive, 0);
}

async function sendRest({ queues }: IndexDeps, { source, id }: Archive, seconds: number): Promise<void> {
  await queues.sendCompletion({ kind: 'archive', source, archiveId: id, tries: 0 }, seconds);
}

function refusalOf(archive: Archive, error: unknown): Archive | 'gone' {
  if (error instanceof ArchiveGoneError) return 'gone';
  if (error instanceof BadArchiveError) return { ...archive, state: 'refused', detail: error.message };
  throw error;
}

/** What is under the key now is taken in as its event will do. An archive that is gone holds nothing up; see `isAbandoned`. */
async function replace(deps: IndexDeps, archive: Archive, source: Source): Promise<void> {
  const failed = await ingestObjects(deps, [{ key: archive.key, source }]);
  if (failed.size > 0) throw new ArchiveNotIndexedError('what replaced an archive could not be indexed');
  const gone: Archive = { ...archive, state: 'gone' };
  const saved = await deps.archives.save(gone, archive.progress.version);
  return saved === 'saved' ? finishArchive(deps, gone, source) : sendRest(deps, archive, OVERTAKEN_SECONDS);
}

type Step = (archive: Archive) => Promise<Archive>;

function stepOf(deps: IndexDeps, registered: Archive, source: Source): Step {
  const read = archiveReader(deps.drop, registered);
  const readPage = (registered.format === 'zip' ? zipPages : tarPages)(read, registered);
  const check = tarCheck(read, registered);
  return async (archive) => {
    const { progress } = archive;
    const version = progress.version + 1;
    if (progress.phase === 'check') {
      const { isLast, ...place } = await check(progress.next, progress.entries);
      const checked: ArchiveProgress = isLast
        ? { ...progress, version, phase: 'index', next: 0, entries: 0 }
        : { ...progress, version, ...place };
      return { ...archive, progress: checked };
    }
    const { sum, ...before } = progress;
    const page = await readPage(before.next, before.entries, deps.clock().toISOString(), sum);
    const instances = await indexPage(deps, page, source);
    const isPart = instances.length > 0;
    if (isPart) await deps.archives.putPart(archive, progress.parts, partOf(instances));
    return {
      ...archive,
      state: page.isLast ? 'done' : 'waiting',
      progress: {
        ...withTallies(before, page),
        version,
        next: page.next,
        ...defined({ sum: page.sum }),
        parts: progress.parts + (isPart ? 1 : 0),
      },
    };
  };
}

async function indexPage(deps: IndexDeps, { entries }: EntryPage, source: Source): Promise<Instance[]> {
  const hashPatient = await deps.loadPatientHasher();
  const arrivals = entries.flatMap(({ read }) => {
    if (read.kind !== 'instance') return [];
    const instance = rowOf(read, source, hashPatient);
    // An earlier run may have died half way: what it has written counts as an arrival too.
    return {
      key: instance.object.key,
      source,
      instance,
      isRepeated: true,
      ...defined({ patient: read.patient }),
    };
  });
  const failed = await putInstances(deps, arrivals);
  if (failed.size > 0)
    throw new ArchiveNotIndexedError('entries of an archive could not be indexed; its message comes again');
  return arrivals.map(({ instance }) => instance);
}

function partOf(instances: readonly Instance[]) {
  const offsets = instances.map(({ object }) => object.entry?.offset ?? 0);
  const series = [...new Set(instances.map(({ seriesInstanceUid }) => seriesInstanceUid))];
  return { series, from: Math.min(...offsets), to: Math.max(...offsets) };
}

function withTallies(before: ArchiveProgress, { entries }: EntryPage): ArchiveProgress {
  const after = { ...before, unusable: { ...before.unusable }, entries: before.entries + entries.length };
  for (const { number, read } of entries) {
    if (read.kind === 'instance') after.instances += 1;
    if (read.kind === 'foreign') after.foreign += 1;
    if (read.kind !== 'unusable') continue;
    const { count, first } = after.unusable[read.reason] ?? { count: 0, first: number };
    after.unusable[read.reason] = { count: count + 1, first: Math.min(first, number) };
  }
  return after;
}
