import { REFUSAL_DETAILS } from '../../functions/admission/admission.ts';
import { type SeriesView, toSeriesView } from '../../functions/api/series-view.ts';
import type { InstanceStore } from '../../functions/instances/instance.ts';
import type { QuarantineStore } from '../../functions/instances/quarantine.ts';
import { isFinal, type Series, stopReasonOf } from '../../functions/series/series.ts';
import { FINAL_STATES, isStopReason, SERIES_STATES } from '../../functions/series/series-facts.ts';
import type { SeriesQuery, SeriesStore } from '../../functions/series/series-store.ts';
import { defined } from '../../functions/shared/defined.ts';
import type { QuarantineItem } from '../report.ts';

export interface WatchStores {
  series: Pick<SeriesStore, 'list' | 'load'>;
  instances: Pick<InstanceStore, 'count'>;
  quarantine: Pick<QuarantineStore, 'list'>;
}

const PAGE = 100;
/** The number of rows that are read again at each refresh. */
const MAX_LOOKS = 20;
const OPEN_STATES = SERIES_STATES.filter((state) => !FINAL_STATES.includes(state));

/** Keeps the state of series, and reads only the changes since the last refresh. */
export class SeriesWatch {
  readonly #stores: WatchStores;
  readonly #isWhole: boolean;
  readonly #series = new Map<string, Series>();
  readonly #counts = new Map<string, number>();
  readonly #changed = new Set<string>();
  #newest: string | undefined;

  /**
   * @param isWhole keeps every series, as a report needs; otherwise those that are open or change, and at the start the newest, since
   * a data directory may have had tens of thousands that are final
   */
  constructor(stores: WatchStores, { isWhole }: { isWhole: boolean }) {
    this.#stores = stores;
    this.#isWhole = isWhole;
  }

  async refresh(): Promise<void> {
    const seen = new Set<string>();
    const known = this.#newest;
    const isFirst = known === undefined;
    // Always the newest page: changes made at once are saved in any order, so one may be older than what was seen before it.
    await this.#read({}, seen, (oldest) => (isFirst ? this.#isWhole : oldest >= known));
    if (isFirst && !this.#isWhole) await this.#read({ state: OPEN_STATES }, seen, () => true);
    await this.#refreshOpen(seen);
  }

  /** Page by page, as long as what is older than a page is wanted. */
  async #read(
    query: Pick<SeriesQuery, 'state'>,
    seen: Set<string>,
    isOlderWanted: (changedAt: string) => boolean,
  ): Promise<void> {
    let cursor: string | undefined;
    do {
      const page = await this.#stores.series.list({ ...query, limit: PAGE, ...defined({ cursor }) });
      for (const series of page.series) {
        this.#keep(series);
        seen.add(idOf(series));
        if (this.#newest === undefined || series.changedAt > this.#newest) this.#newest = series.changedAt;
      }
      const oldest = page.series.at(-1);
      cursor = oldest !== undefined && isOlderWanted(oldest.changedAt) ? page.cursor : undefined;
    } while (cursor !== undefined);
  }

  /**
   * Open series also change without a new state: their counts, what they wait for, and unpublished events. And a change that is saved
   * after a later one is not in the list of changes any more.
   */
  async #refreshOpen(seen: ReadonlySet<string>): Promise<void> {
    const all = [...this.#series.values()];
    const isCounted = ({ state }: Series) => state === 'RECEIVING';
    const changing = all.filter((series) => (isFinal(series) ? !isSettled(series) : !seen.has(idOf(series))));
    for (const series of changing.slice(0, MAX_LOOKS)) {
      this.#keep((await this.#stores.series.load(series)) ?? series);
    }
    for (const series of all.filter(isCounted).slice(0, MAX_LOOKS)) {
      const count = await this.#stores.instances.count(series);
      if (this.#counts.get(idOf(series)) !== count) this.#changed.add(idOf(series));
      this.#counts.set(idOf(series), count);
    }
  }

  #keep(series: Series): void {
    const id = idOf(series);
    if (this.#series.get(id)?.version !== series.version) this.#changed.add(id);
    // At the end: each has its turn.
    this.#series.delete(id);
    this.#series.set(id, series);
  }

  views(): SeriesView[] {
    return [...this.#series.values()].map((series) => this.#viewOf(series));
  }

  /** Those that have changed since they were taken last. */
  takeChanges(): SeriesView[] {
    const changed = [...this.#changed].flatMap((id) => this.#series.get(id) ?? []);
    this.#changed.clear();
    return changed.map((series) => this.#viewOf(series));
  }

  #viewOf(series: Series): SeriesView {
    return toSeriesView(series, this.#counts.get(idOf(series)) ?? 0);
  }

  /** As a run with an end reports them: what waits for a stopped source has failed. */
  endedViews(): SeriesView[] {
    return this.views().map((view) => {
      const reason = view.heldBack?.reason;
      if (!isStopReason(reason)) return view;
      return { ...view, state: 'FAILED', reason, detail: REFUSAL_DETAILS[reason] };
    });
  }

  /** Every series is final and its events are published, or it waits for a stopped source, which a run with `--once` does not await. */
  areAllSettled(): boolean {
    return [...this.#series.values()].every(
      (series) => isSettled(series) || stopReasonOf(series) !== undefined,
    );
  }

  async quarantined(): Promise<QuarantineItem[]> {
    const items: QuarantineItem[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#stores.quarantine.list({
        limit: PAGE,
        ...defined({ cursor }),
      });
      items.push(...page.items);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return items;
  }
}

function isSettled(series: Series): boolean {
  return isFinal(series) && series.outbox.length === 0;
}

function idOf(series: Series): string {
  return `${series.source}#${series.seriesInstanceUid}`;
}
