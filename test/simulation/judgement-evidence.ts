import type { Series } from '../../functions/core/series.ts';
import type { Deletion, Drop } from './drops.ts';

type Judged = Extract<Series, { state: 'COMPLETE' }>;

/** Whether what made the checker call a series complete is true: what the drops of a story know of it. */
export class JudgementEvidence {
  /** Instances that are dropped, and not taken away again, by series; what markers with counts promise. */
  readonly #promised = new Map<string, ReadonlySet<string>>();
  readonly #drops: Set<Drop>;

  constructor(drops: readonly Drop[], deletions: readonly Deletion[]) {
    // What was taken away again may have been indexed, or not.
    const deleted = new Set(deletions.map(({ key }) => key));
    this.#drops = new Set(drops.filter(({ key }) => !deleted.has(key)));
    const sops = new Map<string, Set<string>>();
    for (const { place } of this.#drops) {
      if (place.kind !== 'instance') continue;
      const ofSeries = sops.get(place.seriesInstanceUid) ?? new Set();
      sops.set(place.seriesInstanceUid, ofSeries.add(place.sopInstanceUid));
    }
    this.#promised = sops;
  }

  /** It was not dropped whole at its time: it holds no marker up. */
  leaveOut(drop: Drop): void {
    this.#drops.delete(drop);
  }

  /** `undefined`: the judgement is as it should be. Silence may deceive; a marker and a count may not. */
  wrongWith(row: Judged, held: readonly { sopInstanceUid: string }[]): string | undefined {
    if (row.evidence === 'count') {
      const promised = this.#promised.get(row.seriesInstanceUid)?.size ?? 0;
      return held.length < promised
        ? `1: judged by count with ${held.length} of ${promised} instances`
        : undefined;
    }
    if (row.evidence !== 'marker') return undefined;
    const indexed = new Set(held.map(({ sopInstanceUid }) => sopInstanceUid));
    return this.#droppedBeforeMarker(row.seriesInstanceUid).some((sop) => !indexed.has(sop))
      ? '1: judged by a marker without an instance that was dropped before it'
      : undefined;
  }

  /** S3 tells times in whole seconds: within the marker's own second nothing is before it. */
  #droppedBeforeMarker(seriesInstanceUid: string): string[] {
    const ofSeries = [...this.#drops].flatMap(({ place, key, atSeconds }) =>
      place.kind === 'instance' && place.seriesInstanceUid === seriesInstanceUid
        ? [{ key, sop: place.sopInstanceUid, second: Math.floor(atSeconds) }]
        : [],
    );
    const marker = [...this.#drops].find(
      ({ key, place }) =>
        place.kind === 'marker' &&
        ofSeries.some((one) => one.key.startsWith(key.slice(0, -'_COMPLETE'.length))),
    );
    if (marker === undefined) return [];
    return ofSeries.filter(({ second }) => second < Math.floor(marker.atSeconds)).map(({ sop }) => sop);
  }
}
