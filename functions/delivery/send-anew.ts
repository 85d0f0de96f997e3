import { ADDRESS_LOADED_SECONDS, bringAnew } from '../series/bring-anew.ts';
import { jobOf } from '../series/job.ts';
import type { Queues } from '../series/messages.ts';
import type { SeriesUnderWay } from '../series/series.ts';
import type { Conflict } from '../series/series-store.ts';
import { type StageDeps, saveInState } from '../series/stage.ts';
import type { Source } from '../sources/source.ts';

/** Sends a series to the Qure that its source has now; a series that has changed meanwhile is a conflict. */
export async function sendAnew(
  deps: StageDeps & { queues: Pick<Queues, 'sendCompute'> },
  series: SeriesUnderWay,
  source: Source,
): Promise<Conflict | undefined> {
  const saved = await saveInState(deps, bringAnew(series, source, deps.clock().toISOString()));
  if (saved.kind === 'conflict') return saved;
  await deps.queues.sendCompute({ ...jobOf(saved.series), tries: 0 }, ADDRESS_LOADED_SECONDS);
  return undefined;
}
