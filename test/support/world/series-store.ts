import { decodeCursor, encodeCursor } from '../../../functions/adapters/table/series-listing.ts';
import type { SaveOutcome, SeriesArrival, SeriesQuery, SeriesStore } from '../../../functions/core/ports.ts';
import type { ReceivingSeries, Series, SeriesId } from '../../../functions/core/series.ts';
import type { Instant } from '../../../functions/core/time.ts';
import { storedCopy } from './stored-copy.ts';

/** Series rows with the conditions of `functions/adapters/table/series-store.ts`. */
export class SeriesRows implements SeriesStore {
  readonly #rows = new Map<string, Series>();

  /** All rows as they stand, for checks. */
  all(): Series[] {
    return storedCopy([...this.#rows.values()]);
  }

  /** Puts a row there whatever stands in its place. */
  seed(series: Series): void {
    this.#rows.set(pkOf(series), storedCopy(series));
  }

  async load(id: SeriesId): Promise<Series | undefined> {
    const row = this.#rows.get(pkOf(id));
    return row === undefined ? undefined : storedCopy(row);
  }

  async save<S extends Series>(series: S): Promise<SaveOutcome<S>> {
    if (this.#rows.get(pkOf(series))?.version !== series.version) return { kind: 'conflict' };
    const next = { ...series, version: series.version + 1 };
    this.#rows.set(pkOf(series), storedCopy<Series>(next));
    return { kind: 'saved', series: next };
  }

  async touch(arrival: SeriesArrival): ReturnType<SeriesStore['touch']> {
    const { source, seriesInstanceUid, studyInstanceUid, modality, now, dueAt } = arrival;
    const row = this.#rows.get(pkOf(arrival));
    if (row !== undefined && row.state !== 'RECEIVING') return { kind: 'closed' };
    const first: ReceivingSeries = row ?? {
      source,
      seriesInstanceUid,
      studyInstanceUid,
      state: 'RECEIVING',
      generation: 1,
      version: 0,
      ticket: 1,
      uploadRound: 1,
      firstArrivalAt: now,
      lastArrivalAt: now,
      changedAt: now,
      outbox: [],
    };
    const touched: ReceivingSeries = {
      ...(modality === undefined ? {} : { modality }),
      ...first,
      version: first.version + 1,
      lastArrivalAt: now,
      dueAt,
    };
    this.#rows.set(pkOf(arrival), storedCopy<Series>(touched));
    return { kind: row === undefined ? 'created' : 'refreshed', ticket: touched.ticket };
  }

  async postpone(id: SeriesId, dueAt: Instant): Promise<void> {
    const row = this.#rows.get(pkOf(id));
    if (row?.dueAt !== undefined) this.#rows.set(pkOf(id), { ...row, dueAt });
  }

  async due(now: Instant, limit: number): Promise<SeriesId[]> {
    return [...this.#rows.entries()]
      .filter(([, row]) => row.dueAt !== undefined && row.dueAt <= now)
      .sort(
        ([pk, row], [otherPk, other]) => compare(row.dueAt ?? '', other.dueAt ?? '') || compare(pk, otherPk),
      )
      .slice(0, limit)
      .map(([, { source, seriesInstanceUid }]) => ({ source, seriesInstanceUid }));
  }

  async list(query: SeriesQuery): Promise<{ series: Series[]; cursor?: string }> {
    const found = this.all()
      .filter((row) => query.state === undefined || row.state === query.state)
      .filter((row) => query.source === undefined || row.source === query.source)
      .filter(
        (row) => query.studyInstanceUid === undefined || row.studyInstanceUid === query.studyInstanceUid,
      )
      .sort((a, b) => newestFirst(positionOf(a), positionOf(b)));
    // A study is one page.
    if (query.studyInstanceUid !== undefined) return { series: found };
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
    const rest = found.filter((row) => after === undefined || newestFirst(after, positionOf(row)) < 0);
    const series = rest.slice(0, query.limit);
    const last = series.at(-1);
    return rest.length > query.limit && last !== undefined
      ? { series, cursor: encodeCursor(positionOf(last)) }
      : { series };
  }

  async findByUid(seriesInstanceUid: string): Promise<Series[]> {
    return this.all().filter((row) => row.seriesInstanceUid === seriesInstanceUid);
  }
}

type Position = { changedAt: string; pk: string };

function positionOf(series: Series): Position {
  return { changedAt: series.changedAt, pk: pkOf(series) };
}

function newestFirst(a: Position, b: Position): number {
  return compare(b.changedAt, a.changedAt) || compare(a.pk, b.pk);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function pkOf(id: SeriesId): string {
  return `${id.source}#${id.seriesInstanceUid}`;
}
