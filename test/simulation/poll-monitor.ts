import type { InstanceResult } from '../../functions/results/instance-result.ts';
import type { DoneSeries, Series } from '../../functions/series/series.ts';
import type { Row } from '../services/table/options.ts';
import type { Stage } from './faults.ts';
import { currentWork } from './invocation.ts';
import type { SimulatedWorld } from './world.ts';
import { START_MS } from './world-names.ts';

/** Batching windows, requests, and the whole seconds of SQS. */
const SLACK_SECONDS = 10;
/** So long after a request that went wrong something may still be late for it. */
const FAULT_LASTS_SECONDS = 900;
const STAGES_OF_POLLS: readonly Stage[] = ['compute', 'poll-results', 'sweep'];
/** An image without an answer holds back the result of another one for so long at most. */
const HELD_BACK_SECONDS = 900;
/** The longest wait for a poll, with its jitter: whatever is known, and whatever was planned. */
const LONGEST_STEP_SECONDS = 66;

/** Watches what is learned of computing times, and how long a result waits for the poll that finds it. */
export class PollMonitor {
  readonly #world: SimulatedWorld;
  readonly #onBroken: (message: string) => void;
  /** When the first result of an image was stored, by series, generation and upload round. */
  readonly #firstResultAtMs = new Map<string, number>();

  constructor(world: SimulatedWorld, onBroken: (message: string) => void) {
    this.#world = world;
    this.#onBroken = onBroken;
  }

  look(before: Row | undefined, after: Row | undefined): void {
    if (after === undefined) return;
    if (String(after['sk']).startsWith('COMPUTING#')) this.#lookAtLearned(after);
    if (String(after['sk']).startsWith('R#')) this.#noteResult(after);
    if (after['sk'] === 'SERIES' && before?.['state'] === 'COMPUTING' && after['state'] !== 'COMPUTING')
      this.#lookAtHeldBack(after as unknown as Series);
    const isDone = after['sk'] === 'SERIES' && after['state'] === 'DONE' && before?.['state'] !== 'DONE';
    if (isDone) this.#lookAtDelay(after as unknown as DoneSeries);
  }

  /** 13: only first computations are learned, and as what they took. */
  #lookAtLearned(row: Row): void {
    const series = this.#world.rows.get(currentWork()?.rowKey ?? '') as unknown as Series | undefined;
    // What it was accepted for may be void by now.
    if (series?.accepted === undefined) return;
    if (series.accepted.generation !== 1) this.#onBroken('13: a later computation was learned');
    const taken = this.#takenSeconds(series);
    if (taken === undefined || this.#isDisturbed(series)) return;
    const learned = (row['times'] as number[]).at(-1) ?? 0;
    const error = learned < 0 ? taken + learned : Math.abs(taken - learned);
    if (error > this.#slackSeconds + Math.max(0, learned) / 3)
      this.#onBroken(`13: ${learned} s were learned of a computation of ${taken} s`);
  }

  #noteResult(row: Row): void {
    const { answer, uploadRound } = row['result'] as InstanceResult;
    const key = `${row['pk']} ${String(row['sk']).split('#')[1]} ${uploadRound}`;
    const isResult = answer === 'ready' || answer === 'ready_invalid_scan';
    if (isResult && !this.#firstResultAtMs.has(key))
      this.#firstResultAtMs.set(key, this.#world.scheduler.nowMs());
  }

  /** 10: where nothing goes wrong but that Qure is slow, an image holds back the result of another one no longer than that. */
  #lookAtHeldBack(row: Series): void {
    const { source, seriesInstanceUid, generation, uploadRound, accepted } = row;
    const firstAtMs = this.#firstResultAtMs.get(
      `${source}#${seriesInstanceUid} ${generation} ${uploadRound}`,
    );
    if (firstAtMs === undefined || accepted === undefined || this.#isDisturbed(row)) return;
    const sinceMs = Math.max(firstAtMs, Date.parse(accepted.at));
    const waited = (this.#world.scheduler.nowMs() - sinceMs) / 1000;
    if (waited > HELD_BACK_SECONDS + LONGEST_STEP_SECONDS + this.#slackSeconds)
      this.#onBroken('10: the result of an image was held back for long');
  }

  /** 13: where nothing goes wrong, a result waits for the next poll, and no longer. */
  #lookAtDelay(row: DoneSeries): void {
    const taken = this.#takenSeconds(row);
    if (row.pollPlan === undefined || taken === undefined || this.#isDisturbed(row)) return;
    const waited = (this.#world.scheduler.nowMs() - Date.parse(row.accepted?.at ?? '')) / 1000;
    const latest = Math.max(0, taken) + LONGEST_STEP_SECONDS;
    if (waited > latest + this.#slackSeconds) this.#onBroken('13: a result waited for long');
  }

  /** From the acceptance on; of X-rays, and where no call tells Qure to begin, that is another time. */
  #takenSeconds(series: Pick<Series, 'source' | 'seriesInstanceUid' | 'accepted'>): number | undefined {
    const { current, accepted } = this.#world.qureOf(series);
    if (current === undefined || accepted.length !== 1 || series.accepted === undefined) return undefined;
    return (current.readyAtMs - Date.parse(series.accepted.at)) / 1000;
  }

  /** A slow computation is none: it is what is learned. */
  #isDisturbed({ source, accepted }: Pick<Series, 'source' | 'accepted'>): boolean {
    if (this.#world.sources.of(source)?.badAccess !== undefined) return true;
    const since = (Date.parse(accepted?.at ?? '') - START_MS) / 1000 - FAULT_LASTS_SECONDS;
    return this.#world.plan.happened.some(
      ({ kind, stage, atSeconds }) =>
        kind !== 'qure_slow' && STAGES_OF_POLLS.includes(stage) && atSeconds >= since,
    );
  }

  get #slackSeconds(): number {
    return SLACK_SECONDS + (2 * this.#world.scenario.maxSkewMs) / 1000;
  }
}
