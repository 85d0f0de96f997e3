import type { SeriesId } from '../../instances/series-id.ts';
import type { PageContext } from './page-context.ts';

/** A walk saves its place each second or so, and may do so in between. */
const TRIES = 5;

/**
 * A series has lost a row. An archive that was dropped earlier may have the same instance, which its walk left out: the row was of the
 * newer content. A file has no row then and is found by the listing; an archive is indexed once more, also one that is just being
 * indexed.
 */
export async function indexArchivesAgain({ deps }: PageContext, series: SeriesId): Promise<void> {
  for (const { id, source } of await deps.archives.ofSeries(series)) {
    if (!(await reopen(deps, source, id))) continue;
    await deps.queues.sendCompletion({ kind: 'archive', source, archiveId: id, tries: 0 }, 0);
  }
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
