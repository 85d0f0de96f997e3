import { REFUSAL_DETAILS } from '../../functions/admission/admission.ts';
import { type SeriesView, toSeriesView } from '../../functions/api/series-view.ts';
import type { InstanceStore } from '../../functions/instances/instance.ts';
import type { QuarantineStore } from '../../functions/instances/quarantine.ts';
import { isFinal, type Series, stopReasonOf } from '../../functions/series/series.ts';
import { isStopReason } from '../../functions/series/series-facts.ts';
import type { SeriesStore } from '../../functions/series/series-store.ts';
import { defined } from '../../functions/shared/defined.ts';
import type { QueueCounts } from '../cloud/queues/message.ts';
import type { QuarantineItem } from '../report.ts';

export interface WatchStores {
  series: Pick<SeriesStore, 'list' | 'load'>;
  instances: Pick<InstanceStore, 'count'>;
  quarantine: Pick<QuarantineStore, 'list'>;
}

const PAGE = 100;
/** The number of rows that are read again at each refresh. */
const MAX_LOOKS = 20;

/** Keeps the state of all series, and reads only the changes since the last refresh. */
export class SeriesWatch {
  readonly #stores: WatchStores;
  readonly #series = new Map<string, Series>();
  readonly #counts = new Map<string, number>();
  #newest = '';

  constructor(stores: WatchStores) {
    this.#stores = stores;
  }

  async refresh(): Promise<void> {
    let cursor: string | undefined;
    // Includes the same millisecond again: another series may have changed in it.
    const since = this.#newest;
    const seen = new Set<string>();
    do {
      const page = await this.#stores.series.list({
        limit: PAGE,
        ...defined({ cursor }),
      });
      for (const series of page.series) {
        this.#keep(series);
        seen.add(idOf(series));
        if (series.changedAt > this.#newest) this.#newest = series.changedAt;
      }
      const oldest = page.series.at(-1);
      cursor = oldest !== undefined && oldest.changedAt >= since ? page.cursor : undefined;
    } while (cursor !== undefined);
    await this.#refreshOpen(seen);
  }

  /** Open series also change without a new state: their counts, what they wait for, and unpublished events. */
  async #refreshOpen(seen: ReadonlySet<string>): Promise<void> {
    const all = [...this.#series.values()];
    const isCounted = ({ state }: Series) => state === 'RECEIVING';
    const changing = all.filter((series) =>
      isFinal(series) ? !isSettled(series) : !isCounted(series) && !seen.has(idOf(series)),
    );
    for (const series of changing.slice(0, MAX_LOOKS)) {
      // Each has its turn.
      this.#series.delete(idOf(series));
      this.#keep((await this.#stores.series.load(series)) ?? series);
    }
    for (const series of all.filter(isCounted).slice(0, MAX_LOOKS)) {
      this.#counts.set(idOf(series), await this.#stores.instances.count(series));
    }
  }

  #keep(series: Series): void {
    this.#series.set(idOf(series), series);
  }

  views(): SeriesView[] {
    return [...this.#series.values()].map((series) =>
      toSeriesView(series, this.#counts.get(idOf(series)) ?? 0),
    );
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

/**
 * No message can open a series any more: no dropped object is in a queue, and the checker has only delayed messages,
 * which are stale if all series are final. Messages of later stages for final series are stale too.
 */
export function areQueuesIdle(
  counts: Readonly<Record<string, QueueCounts>>,
  queues: { ingest: string; completion: string },
): boolean {
  const ingest = counts[queues.ingest];
  const completion = counts[queues.completion];
  if (ingest === undefined || completion === undefined) return false;
  return ingest.visible + ingest.inflight + ingest.delayed + completion.visible + completion.inflight === 0;
}

function isSettled(series: Series): boolean {
  return isFinal(series) && series.outbox.length === 0;
}

function idOf(series: Series): string {
  return `${series.source}#${series.seriesInstanceUid}`;
}
