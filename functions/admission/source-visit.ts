import type { CompleteSeries, UploadingSeries } from '../series/series.ts';
import type { SeriesStore } from '../series/series-store.ts';
import { errorFields } from '../shared/log.ts';
import type { Source } from '../sources/source.ts';
import { type Admission, type AdmissionDeps, admit, type CallPermit } from './admission.ts';
import { quotaIdOf, releaseSlot } from './quota.ts';

export interface VisitDeps extends AdmissionDeps {
  series: Pick<SeriesStore, 'load'>;
}

/** A series that waits longer than this for Qure gives its slot to another one. */
const LONGEST_KEPT_WAIT_SECONDS = 60;

/** What one run of the compute stage takes of its source, and gives back. */
export class SourceVisit {
  readonly #deps: VisitDeps;
  readonly #source: Source;
  #admitted: { series: CompleteSeries | UploadingSeries; permit: CallPermit } | undefined;

  constructor(deps: VisitDeps, source: Source) {
    this.#deps = deps;
    this.#source = source;
  }

  /** Whether the series may be brought to Qure now; once admitted it stays so in this run. */
  async ask(series: CompleteSeries | UploadingSeries): Promise<Admission> {
    if (this.#admitted !== undefined) return { kind: 'admitted', permit: this.#admitted.permit };
    const admission = await admit(this.#deps, this.#source, series);
    if (admission.kind === 'admitted') this.#admitted = { series, permit: admission.permit };
    return admission;
  }

  /**
   * At the end of a run. The slot stays with a series that is still under way, in the next run or in another one of this
   * message. A run that throws does not come here, and may have such a twin: its slot is entered again, or ends by itself.
   * `waitSeconds`: until the next run; absent where another run of this message has the series.
   */
  async leave(waitSeconds?: number): Promise<void> {
    if (this.#admitted === undefined) return;
    const { series, permit } = this.#admitted;
    try {
      // Another run of this message has the series, with this slot and as this probe: both have the ticket of the message.
      if (waitSeconds === undefined && (await this.#uploading(series)) !== undefined) return;
      if (await this.#keepsSlot(series, waitSeconds)) return await permit.close();
      await permit.close((standing) => releaseSlot(standing, quotaIdOf(series), series.ticket));
    } catch (error) {
      // The series has gone on; its message must not come again for this.
      const { source, seriesInstanceUid } = series;
      const fields = { source, seriesInstanceUid, ...errorFields(error) };
      this.#deps.log('warn', 'a slot could not be given back; its lease ends it', fields);
    }
  }

  async #keepsSlot(series: CompleteSeries | UploadingSeries, waitSeconds = Infinity): Promise<boolean> {
    if (this.#source.maxConcurrentSeries === undefined) return true;
    if (waitSeconds > LONGEST_KEPT_WAIT_SECONDS) return false;
    const row = await this.#uploading(series);
    return row !== undefined && row.heldBack === undefined;
  }

  async #uploading(series: CompleteSeries | UploadingSeries): Promise<UploadingSeries | undefined> {
    const row = await this.#deps.series.load(series);
    return row?.state === 'UPLOADING' && row.generation === series.generation ? row : undefined;
  }
}
