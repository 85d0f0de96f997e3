import type { Archive } from '../../instances/archive.ts';
import { type Instance, isOlder } from '../../instances/instance.ts';
import type { SeriesId } from '../../instances/series-id.ts';
import { addSeconds } from '../../shared/time.ts';
import type { PageContext } from './page-context.ts';

/** A walk saves its place each second or so, and may do so in between. */
const TRIES = 5;

/** No run of a function lasts longer. */
const LONGEST_RUN_SECONDS = 900;

/**
 * A series has lost a row. An archive that was dropped earlier may have the same instance, which its walk left out: the row was of the
 * newer content. A file has no row then and is found by the listing; an archive is indexed once more, also one that is just being
 * indexed.
 */
export async function indexArchivesAgain(context: PageContext, series: SeriesId): Promise<void> {
  for (const archive of await context.deps.archives.ofSeries(series)) await indexAgain(context, archive);
}

/**
 * Of two runs that read the index before either writes, the one with the older content may write last. A file that is overwritten in this
 * way is found by the listing; an archive, whose entries nothing lists, is indexed once more. Once is enough: no run of then is left.
 */
export async function indexOverwrittenArchives(
  context: PageContext,
  series: SeriesId,
  rows: readonly Instance[],
): Promise<void> {
  for (const archive of await context.deps.archives.ofSeries(series))
    if (mayBeOverwritten(archive, rows)) await indexAgain(context, archive);
}

/** Whether a run that began before the end of its walk wrote a row of something older. */
function mayBeOverwritten(archive: Archive, rows: readonly Instance[]): boolean {
  const { state, isWhole, key, etag, lastModified } = archive;
  if (state !== 'done' || isWhole === true) return false;
  const writtenSince = addSeconds(lastModified, -LONGEST_RUN_SECONDS);
  return rows.some(
    ({ object, indexedAt }) =>
      !(object.key === key && object.etag === etag) && isOlder(object, archive) && indexedAt >= writtenSince,
  );
}

async function indexAgain({ deps }: PageContext, { source, id }: Archive): Promise<void> {
  if (!(await reopen(deps, source, id))) return;
  await deps.queues.sendCompletion({ kind: 'archive', source, archiveId: id, tries: 0 }, 0);
}

async function reopen({ archives }: PageContext['deps'], source: string, id: string): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const [archive] = await archives.find(source, [id]);
    if (archive === undefined || archive.state === 'refused' || archive.state === 'gone') return false;
    if ((await archives.reopen(archive)) === 'saved') return true;
  }
  throw new Error(
    'expected the row of an archive to stay the same between two requests; the next run tries again',
  );
}
