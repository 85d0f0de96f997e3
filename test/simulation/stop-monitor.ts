import type { SourceState } from '../../functions/admission/source-state.ts';
import { type Series, stopReasonOf } from '../../functions/series/series.ts';
import { isStopReason } from '../../functions/series/series-facts.ts';
import type { Row } from '../services/table/options.ts';
import { currentWork, type Work } from './invocation.ts';
import type { SimulatedWorld } from './world.ts';

/** A process holds a secret for a minute, a probe is let in every two, a series asks every three; and a probe may come to nothing. */
const GOES_ON_WITHIN_SECONDS = 900;
/** What something went wrong with is over by then, and a lease that it left behind has ended. */
const FAULT_LASTS_SECONDS = 2_000;

/**
 * Watches that a source whose credentials Qure refuses is asked for by one probe at a time, that its series wait and go on, and
 * that they fail with the reason at their deadline. Invariant 10 of docs/simulation.md.
 */
export class StopMonitor {
  readonly #world: SimulatedWorld;
  readonly #break: (message: string) => void;
  /** Runs that the row of a source has let in as a probe. */
  readonly #probes = new WeakSet<Work>();
  /** When a source was last stopped, by its name. */
  readonly #stoppedAtMs = new Map<string, number>();

  constructor(world: SimulatedWorld, onBroken: (message: string) => void) {
    this.#world = world;
    this.#break = onBroken;
  }

  look(before: Row | undefined, after: Row | undefined): void {
    if (after?.['sk'] === 'STATE')
      this.#lookAtStop(
        String(after['pk']).slice('SOURCE#'.length),
        before?.['sourceState'] as SourceState | undefined,
        after['sourceState'] as SourceState,
      );
    if (after?.['sk'] === 'SERIES' && before !== undefined)
      this.#lookAtSeries(before as unknown as Series, after as unknown as Series);
  }

  /** A run that found its source stopped calls only as the probe. Those that were under way by then may go on. */
  lookAtCall(work: Work): void {
    const source = work.rowKey.slice(0, work.rowKey.indexOf('#'));
    const stop = this.#stateOf(source)?.stop;
    if (stop !== undefined && stop.since === work.stoppedSince && !this.#probes.has(work))
      this.#break('10: a call for a stopped source by what is no probe');
  }

  #lookAtStop(source: string, before: SourceState | undefined, { stop }: SourceState): void {
    if (before?.stop !== undefined || stop !== undefined)
      this.#stoppedAtMs.set(source, this.#world.scheduler.nowMs());
    const isTaken = this.#world.sources.of(source)?.badAccess === undefined;
    if (stop?.reason === 'source_denied' && isTaken)
      this.#break('10: a source was stopped for some of its series');
    if (stop?.probeId === undefined) return;
    const work = currentWork();
    if (work !== undefined) this.#probes.add(work);
    const stood = before?.stop;
    if (stood === undefined || stood.probeId === stop.probeId) return;
    if (stood.nextProbeAt > this.#instant(this.#world.scenario.maxSkewMs))
      this.#break('10: a probe was let in before the next one was due');
  }

  #lookAtSeries(before: Series, after: Series): void {
    if (after.state === 'FAILED' && before.state !== 'FAILED') this.#lookAtFailure(before, after.reason);
    // What the probe waits for stays as it was while it is at work.
    if (stopReasonOf(after) === undefined || heldUntil(after) === heldUntil(before)) return;
    const isSameWait = stopReasonOf(before) !== undefined && before.state === after.state;
    if (isSameWait && this.#deadlineOf(after) !== this.#deadlineOf(before))
      this.#break('10: the wait for a stopped source moved the deadline of a series');
    if (this.#deadlineOf(after) < this.#instant(-this.#world.scenario.maxSkewMs))
      this.#break('10: a series waits for its source beyond its deadline');
    const stoppedAtMs = this.#stoppedAtMs.get(after.source) ?? 0;
    const isStopped = this.#stateOf(after.source)?.stop !== undefined;
    if (!isStopped && this.#world.scheduler.nowMs() - stoppedAtMs > FAULT_LASTS_SECONDS * 1000)
      this.#break('10: a series waits for a source that is not stopped');
    // Without a series that asks, nothing finds out that the source was mended.
    const waitedSeconds = (this.#world.scheduler.nowMs() - Date.parse(heldSince(after) ?? '')) / 1000;
    if (this.#world.seconds() > this.#goesOnBySeconds(after.source) && waitedSeconds > GOES_ON_WITHIN_SECONDS)
      this.#break('10: a series waits for its source long after that was mended');
  }

  /** A series that Qure denies by itself may fail with it at any time. */
  #lookAtFailure(before: Series, reason: string): void {
    if (!isStopReason(reason) || reason === 'source_denied') return;
    if (this.#deadlineOf(before) > this.#instant(this.#world.scenario.maxSkewMs))
      this.#break(`10: a series failed as ${reason} before its deadline`);
  }

  #goesOnBySeconds(source: string): number {
    const { mendedAtSeconds = 0 } = this.#world.sources.of(source)?.badAccess ?? {};
    const lastFault = this.#world.plan.happened.at(-1)?.atSeconds ?? -FAULT_LASTS_SECONDS;
    return Math.max(mendedAtSeconds, lastFault + FAULT_LASTS_SECONDS) + GOES_ON_WITHIN_SECONDS;
  }

  #deadlineOf(series: Series): string {
    if (series.state === 'COMPUTING') return series.resultsDeadline;
    return 'deliveryDeadline' in series ? series.deliveryDeadline : '';
  }

  #stateOf(source: string): SourceState | undefined {
    return this.#world.rows.get(`SOURCE#${source} STATE`)?.['sourceState'] as SourceState | undefined;
  }

  #instant(fromNowMs: number): string {
    return new Date(this.#world.scheduler.nowMs() + fromNowMs).toISOString();
  }
}

function heldSince(series: Series): string | undefined {
  return 'heldBack' in series ? series.heldBack?.since : undefined;
}

function heldUntil(series: Series): string | undefined {
  return 'heldBack' in series ? series.heldBack?.until : undefined;
}
