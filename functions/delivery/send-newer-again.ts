import { contentTagOf } from '../instances/archive-entry.ts';
import type { Instance } from '../instances/instance.ts';
import { keptUntil } from '../series/judged-set.ts';
import { retryOnConflict } from '../series/retry-on-conflict.ts';
import { saveAndAnnounce } from '../series/stage.ts';
import { openAnew } from '../series/transitions.ts';
import type { ComputeWork } from './compute-work.ts';
import { toMarkedFile } from './upload-records.ts';

/**
 * A run that a later generation has left behind may have sent a replaced content after the newer one, and Qure may have
 * computed with it. A mark says so, which begins a new upload round, and the set is judged and computed anew.
 * @param sent by this run, in whatever order with what later runs sent
 */
export async function sendNewerAgain(work: ComputeWork, sent: readonly Instance[]): Promise<void> {
  if (sent.length === 0) return;
  const { deps, source } = work;
  const opened = await retryOnConflict(deps.series, work.series, async (row) => {
    // A generation stands for one set of contents: another run of it has sent the same.
    if (row === undefined || row.generation === work.series.generation) return undefined;
    const replaced = await replacedOf(work, sent);
    if (replaced.length === 0) return undefined;
    const next = openAnew(row, source.quietPeriodSeconds, work.now());
    const marked = replaced.map((instance) => toMarkedFile(instance));
    const keptTo = keptUntil(row, work.now());
    await deps.uploadRecords.add(row, row.uploadRound, { registered: [], sent: marked }, keptTo);
    const saved = await saveAndAnnounce(deps, next);
    if (saved.kind === 'conflict') return saved;
    const { source: name, seriesInstanceUid, generation } = saved.series;
    deps.log('warn', 'a replaced content may have come to Qure last; the newer one goes again', {
      source: name,
      seriesInstanceUid,
      generation,
      instances: replaced.length,
    });
    return row.state === 'RECEIVING' ? undefined : saved.series;
  });
  if (opened !== undefined) await work.waitForSilence(opened);
}

/** Those of which another content stands in the index by now. */
async function replacedOf({ deps }: ComputeWork, sent: readonly Instance[]): Promise<Instance[]> {
  const present = await deps.instances.find(sent);
  const tags = new Map(present.map(({ sopInstanceUid, object }) => [sopInstanceUid, contentTagOf(object)]));
  return sent.filter(({ sopInstanceUid, object }) => {
    const tag = contentTagOf(object);
    return (tags.get(sopInstanceUid) ?? tag) !== tag;
  });
}
