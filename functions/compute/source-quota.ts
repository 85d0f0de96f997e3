import { errorFields } from '../adapters/json-log.ts';
import type { QuotaStore, SeriesStore } from '../core/ports.ts';
import { type Answer, askForRoom, giveBack, quotaIdOf } from '../core/quota.ts';
import type { CompleteSeries, UploadingSeries } from '../core/series.ts';
import { standingAcceptance } from '../core/series-parts.ts';
import type { Source } from '../core/source.ts';
import { type Admission, admit, type GateDeps } from '../core/source-gate.ts';
import type { Instant } from '../core/time.ts';

export interface QuotaDeps extends GateDeps {
  series: Pick<SeriesStore, 'load'>;
  quotas: QuotaStore;
}

export type Room = { kind: 'admitted' } | Exclude<Answer, { kind: 'admitted' }>;

/** A series that waits longer than this for Qure gives its slot to another one. */
const LONGEST_KEPT_WAIT_SECONDS = 60;

/** What one run of the compute stage takes of its source's quota, and gives back. */
export class SourceQuota {
  readonly #deps: QuotaDeps;
  readonly #source: Source;
  /** Where the gate of the source was asked before: what takes nothing because it is stopped must not be let through after all. */
  admission: Admission | undefined;
  #slot: { series: CompleteSeries | UploadingSeries; id: string } | undefined;

  constructor(deps: QuotaDeps, source: Source) {
    this.#deps = deps;
    this.#source = source;
  }

  /** Whether the series may be brought to Qure now. Asks for nothing where the source has no limits. */
  async ask(series: CompleteSeries | UploadingSeries, now: Instant): Promise<Room> {
    const { name, maxConcurrentSeries, dailyBudget } = this.#source;
    const takesUnit = series.state === 'COMPLETE' && standingAcceptance(series) === undefined;
    const isLimited = maxConcurrentSeries !== undefined || (dailyBudget !== undefined && takesUnit);
    if (!isLimited) return { kind: 'admitted' };
    await this.#askGate(series);
    // It ends without a call to Qure, and takes nothing.
    if (this.admission?.kind === 'blocked') return { kind: 'admitted' };
    const id = quotaIdOf(series);
    const request = {
      id,
      ticket: series.ticket,
      // All others wait for what a probe finds out, urgent ones too.
      isUrgent: series.priority === 'urgent' || this.admission?.isProbe === true,
      takesUnit,
      // What is under way already goes before what has yet to begin.
      since: series.state === 'UPLOADING' ? series.completedAt : (series.heldBack?.since ?? now),
    };
    const answer = await this.#deps.quotas.decide(name, (standing) =>
      askForRoom(standing, this.#source, request, now),
    );
    if (answer.kind === 'admitted' && maxConcurrentSeries !== undefined) this.#slot = { series, id };
    return answer;
  }

  /** What the gate cannot tell now, the run itself finds out. */
  async #askGate({ seriesInstanceUid }: CompleteSeries | UploadingSeries): Promise<void> {
    this.admission = await admit(this.#deps, this.#source, seriesInstanceUid).catch(() => undefined);
  }

  /**
   * At the end of a run. The slot stays with a series that is still under way, in the next run or in another one of this
   * message. A run that throws does not come here, and may have such a twin: its slot is entered again, or ends by itself.
   */
  async leave(waitSeconds: number): Promise<void> {
    if (this.#slot === undefined) return;
    const { series, id } = this.#slot;
    const { source, seriesInstanceUid } = series;
    try {
      if (waitSeconds <= LONGEST_KEPT_WAIT_SECONDS) {
        const row = await this.#deps.series.load(series);
        if (row?.state === 'UPLOADING' && row.generation === series.generation) return;
      }
      await this.#deps.quotas.decide(source, (standing) => ({
        quota: giveBack(standing, id, series.ticket),
      }));
    } catch (error) {
      // The series has gone on; its message must not come again for this.
      const fields = { source, seriesInstanceUid, ...errorFields(error) };
      this.#deps.log('warn', 'a slot could not be given back; its lease ends it', fields);
    }
  }
}
