import type { SeriesId } from '../../functions/instances/series-id.ts';
import type { Series } from '../../functions/series/series.ts';
import { type Deletion, type Drop, instancesIn } from './drops.ts';

type Judged = Extract<Series, { state: 'COMPLETE' }>;

interface DroppedInstance {
  key: string;
  sop: string;
  second: number;
}

interface MarkerBody {
  instances?: number;
  series?: Record<string, number>;
}

/** Whether what made the checker call a series complete is true: what the drops of a scenario know of it. */
export class JudgementEvidence {
  /** Everything that may be indexed: what is taken away again later, or dropped late, counts as long as its row is there. */
  readonly #dropped: readonly Drop[];
  /** What must be there when a marker is kept. */
  readonly #drops: Set<Drop>;

  constructor(drops: readonly Drop[], deletions: readonly Deletion[]) {
    this.#dropped = drops;
    // What was taken away again may have been indexed, or not.
    const deleted = new Set(deletions.map(({ key }) => key));
    this.#drops = new Set(drops.filter(({ key }) => !deleted.has(key)));
  }

  /** It was not dropped whole at its time: it holds no marker up. */
  leaveOut(drop: Drop): void {
    this.#drops.delete(drop);
  }

  /** `undefined`: the judgement is as it should be. Silence may deceive; a marker and a count may not. */
  wrongWith(row: Judged, held: readonly { sopInstanceUid: string }[]): string | undefined {
    const indexed = new Set(held.map(({ sopInstanceUid }) => sopInstanceUid));
    if (row.evidence === 'count') return this.#wrongWithCount(row, indexed);
    if (row.evidence !== 'marker') return undefined;
    return this.#droppedBeforeMarker(row).some((sop) => !indexed.has(sop))
      ? '1: judged by a marker without an instance that was dropped before it'
      : undefined;
  }

  /** Of everything that is dropped of a series. */
  keysOf(id: SeriesId): Set<string> {
    return new Set(this.droppedOf(id).map(({ key }) => key));
  }

  droppedOf(id: SeriesId): DroppedInstance[] {
    return instancesOf(this.#dropped, id);
  }

  /** A marker counts the instances beside and below it, or those of its series wherever they lie. */
  #wrongWithCount(row: SeriesId, indexed: ReadonlySet<string>): string | undefined {
    const ofSeries = instancesOf(this.#drops, row);
    const marker = this.#markerOver(ofSeries);
    // What lies below it was taken away again, or dropped damaged.
    if (marker === undefined) return undefined;
    const { instances, series } = JSON.parse(Buffer.from(marker.bytes).toString()) as MarkerBody;
    const folder = folderOf(marker);
    const coveredOf = (dropped: readonly DroppedInstance[]) => {
      const covered = dropped.filter(({ key }) => series !== undefined || key.startsWith(folder));
      return new Set(covered.map(({ sop }) => sop));
    };
    const promised = Math.min(instances ?? series?.[row.seriesInstanceUid] ?? 0, coveredOf(ofSeries).size);
    const counted = [...coveredOf(instancesOf(this.#dropped, row))].filter((sop) => indexed.has(sop)).length;
    return counted < promised ? `1: judged by count with ${counted} of ${promised} instances` : undefined;
  }

  /** S3 tells times in whole seconds: within the marker's own second nothing is before it. */
  #droppedBeforeMarker(row: SeriesId): string[] {
    const ofSeries = instancesOf(this.#drops, row);
    const marker = this.#markerOver(ofSeries);
    if (marker === undefined) return [];
    const isCovered = ({ key, second }: DroppedInstance) =>
      second < Math.floor(marker.atSeconds) && key.startsWith(folderOf(marker));
    return ofSeries.filter(isCovered).map(({ sop }) => sop);
  }

  #markerOver(ofSeries: readonly DroppedInstance[]): Drop | undefined {
    return [...this.#drops].find(
      (drop) => drop.place.kind === 'marker' && ofSeries.some(({ key }) => key.startsWith(folderOf(drop))),
    );
  }
}

function instancesOf(drops: Iterable<Drop>, { source, seriesInstanceUid }: SeriesId): DroppedInstance[] {
  return [...drops].flatMap(({ place: dropped, key, atSeconds }) =>
    instancesIn(dropped)
      .filter((place) => place.source === source && place.seriesInstanceUid === seriesInstanceUid)
      .map(({ sopInstanceUid }) => ({ key, sop: sopInstanceUid, second: Math.floor(atSeconds) })),
  );
}

function folderOf({ key }: Drop): string {
  return key.slice(0, -'_COMPLETE'.length);
}
