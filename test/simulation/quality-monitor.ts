import type { Series } from '../../functions/series/series.ts';
import { isWholeStack, missingSlice } from './scans.ts';
import type { SimulatedWorld } from './world.ts';

/** A held series waits so long after its last arrival: the default of `maxWaitSeconds`. */
const MAX_WAIT_MS = 900_000;

/** 9: what was found of the slices of a CT is said, and done as its source says. */
export class QualityMonitor {
  readonly #world: SimulatedWorld;
  readonly #tell: (message: string) => void;

  constructor(world: SimulatedWorld, tell: (message: string) => void) {
    this.#world = world;
    this.#tell = tell;
  }

  /** `sops`: those of the rows that the judgement was made of. */
  lookAtJudgement(row: Series, sops: readonly string[]): void {
    const isFailed = row.state === 'FAILED' && row.reason === 'incomplete_geometry';
    if (row.modality !== 'CT' || !('quality' in row || row.state === 'COMPLETE' || isFailed)) return;
    const quality = this.#world.sources.of(row.source)?.quality;
    const said = 'quality' in row ? row.quality : undefined;
    const missing = missingSlice(sops);
    if (missing !== undefined && said?.missing?.join() !== String(missing))
      this.#tell('9: the slice that is missing is not told');
    if (isWholeStack(sops) && (said?.missing ?? said?.gaps ?? said?.doubled) !== undefined)
      this.#tell('9: slices are called missing that are not');
    if (isFailed && (quality !== 'refuse' || isWholeStack(sops)))
      this.#tell('9: a series failed for its slices, and none is missing, or its source does not mind');
    if (row.state !== 'COMPLETE' || quality === undefined) return;
    const isHoled = missing !== undefined || (said?.missing ?? said?.gaps) !== undefined;
    if (!isHoled) return;
    if (quality === 'refuse')
      this.#tell('9: a series without a slice is on its way, and its source refuses that');
    else if (row.evidence === 'quiet') this.#tell('9: a missing slice was not waited for');
    else this.#lookAtWait(row);
  }

  /** Before the longest wait is over nobody stops waiting, but for a marker. */
  #lookAtWait(row: Extract<Series, { state: 'COMPLETE' }>): void {
    if (row.evidence !== 'max_wait') return;
    const waitedMs = this.#world.scheduler.nowMs() - Date.parse(row.lastArrivalAt);
    if (waitedMs < MAX_WAIT_MS - 2 * this.#world.scenario.maxSkewMs)
      this.#tell('9: a missing slice was not waited for as long as its source says');
  }

  /** What Qure computes with, of a source that refuses. */
  lookAtCompute(row: Series, sops: readonly string[]): void {
    if (this.#world.sources.of(row.source)?.quality !== 'refuse' || row.modality !== 'CT') return;
    if (missingSlice(sops) !== undefined)
      this.#tell('9: Qure computes a series without a slice, and its source refuses that');
  }
}
