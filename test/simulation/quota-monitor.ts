import { quotaIdOf } from '../../functions/admission/quota.ts';
import type { SourceState } from '../../functions/admission/source-state.ts';
import { type Series, stopReasonOf } from '../../functions/series/series.ts';
import { isStopReason } from '../../functions/series/series-facts.ts';
import { currentAcceptance } from '../../functions/series/series-parts.ts';
import type { Row } from '../services/table/options.ts';
import { runTicketOf, type Work } from './invocation.ts';
import type { SimulatedWorld } from './world.ts';

/** Watches that no source gets more of Qure than its limits, and that what is held back may be. Invariant 8 of docs/simulation.md. */
export class QuotaMonitor {
  readonly #world: SimulatedWorld;
  readonly #break: (message: string) => void;
  readonly #onHeldBack: (reason: string) => void;
  /** Generations that are never held back, by their names in a quota: urgent ones, and probes of a stopped source. */
  readonly #exempt = new Set<string>();
  /** The day on which a generation was admitted, while it is on its way. */
  readonly #admittedOn = new Map<string, string>();
  /** Generations that took part of a day, by source and day. */
  readonly #begun = new Map<string, Set<string>>();

  constructor(
    world: SimulatedWorld,
    onBroken: (message: string) => void,
    onHeldBack: (reason: string) => void,
  ) {
    this.#world = world;
    this.#break = onBroken;
    this.#onHeldBack = onHeldBack;
  }

  look(before: Row | undefined, after: Row | undefined): void {
    if (after === undefined) return;
    const sk = String(after['sk']);
    if (sk === 'STATE') {
      const source = String(after['pk']).slice('SOURCE#'.length);
      const state = after['sourceState'] as SourceState;
      if (state.stop?.probeId !== undefined) this.#exempt.add(state.stop.probeId);
      this.#lookAtQuota(source, before?.['sourceState'] as SourceState | undefined, state);
    } else if (sk === 'SERIES') {
      this.#lookAtSeries(before as unknown as Series | undefined, after as unknown as Series);
    }
  }

  /** A run that is still the one of its series asks Qure for nothing without a slot. */
  lookAtBringing(work: Work): void {
    const row = this.#world.rows.get(work.rowKey) as unknown as Series | undefined;
    if (row?.state !== 'UPLOADING' || row.ticket !== runTicketOf(work)) return;
    if (this.#limitsOf(row.source).maxConcurrentSeries === undefined) return;
    const key = `SOURCE#${row.source} STATE`;
    const state = this.#world.rows.get(key)?.['sourceState'] as SourceState | undefined;
    const slot = state?.slots.find(({ id }) => id === quotaIdOf(row));
    if (slot === undefined || slot.until < this.#instant(-this.#world.scenario.maxSkewMs))
      this.#break('8: a series was brought to Qure without a slot');
  }

  #lookAtQuota(source: string, before: SourceState | undefined, after: SourceState): void {
    const { maxConcurrentSeries, dailyBudget } = this.#limitsOf(source);
    if (before !== undefined && after.version !== before.version + 1)
      this.#break('8: the row of a source was overwritten');
    // Two clocks apart by the largest skew may disagree whether a lease has run out.
    const running = after.slots.filter(
      ({ until }) => until > this.#instant(2 * this.#world.scenario.maxSkewMs),
    );
    const isNew = ({ id }: { id: string }) => before?.slots.some((slot) => slot.id === id) !== true;
    const isHeld = ({ id }: { id: string }) => !this.#exempt.has(id);
    if (running.filter(isHeld).some(isNew) && running.length > (maxConcurrentSeries ?? 0))
      this.#break(`8: ${running.length} series were let in at once, ${maxConcurrentSeries} expected at most`);
    if (new Set(after.admitted).size < after.admitted.length)
      this.#break('8: a generation took two units of a day');
    const isSameDay = before?.day === after.day;
    if (isSameDay && before.admitted.some((id) => !after.admitted.includes(id)))
      this.#break('8: a unit of a day was taken back');
    const units = after.admitted.filter((id) => !this.#exempt.has(id)).length;
    if (units > (dailyBudget ?? 0)) this.#break(`8: ${units} units of a day were given of ${dailyBudget}`);
  }

  #lookAtSeries(before: Series | undefined, after: Series): void {
    const id = quotaIdOf(after);
    const isUrgent = 'priority' in after && after.priority === 'urgent';
    if (isUrgent) this.#exempt.add(id);
    const heldBack = 'heldBack' in after ? after.heldBack : undefined;
    const known = before !== undefined && 'heldBack' in before ? before.heldBack : undefined;
    if (heldBack !== undefined && heldBack.reason !== known?.reason) this.#onHeldBack(heldBack.reason);
    const waitsForRoom = heldBack !== undefined && stopReasonOf(after) === undefined;
    if (waitsForRoom && after.state !== 'COMPLETE' && after.state !== 'UPLOADING')
      this.#break(`8: a series in ${after.state} waits for room`);
    if (waitsForRoom && isUrgent) this.#break('8: an urgent series waits for room');
    if (before?.state === 'COMPLETE' && after.state === 'UPLOADING') {
      if (currentAcceptance(before) === undefined) this.#admittedOn.set(id, after.changedAt.slice(0, 10));
    } else if (before?.state === 'UPLOADING' && after.state !== 'UPLOADING') {
      this.#countBegun(id, after);
    }
  }

  /** What ends at a stopped source was not brought to Qure, or not let in. */
  #countBegun(id: string, after: Series): void {
    const day = this.#admittedOn.get(id);
    this.#admittedOn.delete(id);
    const isStopped = after.state === 'FAILED' && isStopReason(after.reason);
    if (day === undefined || isStopped || this.#exempt.has(id)) return;
    const { dailyBudget } = this.#limitsOf(after.source);
    // Around midnight clocks that are apart may call the same moment two days.
    if (dailyBudget === undefined || this.#world.scenario.maxSkewMs > 0) return;
    const key = `${after.source} ${day}`;
    const begun = this.#begun.get(key) ?? new Set();
    this.#begun.set(key, begun.add(id));
    if (begun.size > dailyBudget)
      this.#break(`8: ${begun.size} computations began on one day, ${dailyBudget} expected at most`);
  }

  #limitsOf(source: string) {
    return this.#world.sources.of(source)?.limits ?? {};
  }

  #instant(fromNowMs: number): string {
    return new Date(this.#world.scheduler.nowMs() + fromNowMs).toISOString();
  }
}
