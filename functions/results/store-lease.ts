import type { ComputingSeries } from '../series/series.ts';
import { STAGE_GRACE_SECONDS } from '../series/series-parts.ts';
import type { StageDeps } from '../series/stage.ts';
import { addSeconds, type Instant } from '../shared/time.ts';

export interface LeaseDeps extends Pick<StageDeps, 'log'> {
  series: Pick<StageDeps['series'], 'save'>;
  /** Of this invocation. */
  remainingMs(): number;
}

/**
 * Takes the lease of a series' result, without which a run stores nothing. The row is saved as the run has read it: that is
 * refused where another run has gone on with the series, or works on the same message and was first. Two runs may be given
 * different answers, and the files of an announced result must stay what they are. The lease ends when the run is long over;
 * until then the sweep gives the series to no other one. `undefined`: refused; otherwise the version of the row is the
 * fencing token: only the run that took the lease last may end the series.
 */
export async function takeLease(
  deps: LeaseDeps,
  series: ComputingSeries,
  now: Instant,
): Promise<number | undefined> {
  const seconds = deps.remainingMs() / 1000 + STAGE_GRACE_SECONDS;
  const saved = await deps.series.save({ ...series, dueAt: addSeconds(now, seconds) });
  if (saved.kind === 'saved') return saved.series.version;
  // Its message may be acknowledged: should the other run die, the sweep goes on.
  const { source, seriesInstanceUid } = series;
  deps.log('info', 'another run has the series; nothing is stored', { source, seriesInstanceUid });
  return undefined;
}
