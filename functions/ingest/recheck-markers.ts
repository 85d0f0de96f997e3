import type { Instance } from '../instances/instance.ts';
import { coveringPrefixes, type Marker, markerIdOf } from '../instances/marker.ts';
import type { Source } from '../sources/source.ts';
import type { IndexDeps } from './index-deps.ts';

/**
 * Sends the message of each marker with counts that covers one of the arrivals, if they could make it reach its count. The
 * arrivals of a total are added up, which costs a write a batch instead of a walk over the folder; repeated events count twice, so
 * that the sum may be too large and is never too small. The count itself is one of rows.
 */
export async function recheckMarkers(
  deps: Pick<IndexDeps, 'markers' | 'queues'>,
  arrived: readonly Instance[],
  source: Source,
): Promise<void> {
  const prefixes = new Set(arrived.flatMap((i) => coveringPrefixes(i.object.key, source.prefix)));
  if (prefixes.size === 0) return;
  const markers = await deps.markers.find(source.name, [...prefixes].map(markerIdOf));
  for (const marker of markers) {
    if (marker.isFulfilled) continue;
    const below = arrived.filter(({ object }) => object.key.startsWith(marker.prefix));
    await recheckMarker(deps, marker, below);
  }
}

async function recheckMarker(
  { markers, queues }: Pick<IndexDeps, 'markers' | 'queues'>,
  marker: Marker,
  below: readonly Instance[],
): Promise<void> {
  const { expectation } = marker;
  const message = { kind: 'marker' as const, source: marker.source, markerId: marker.id, tries: 0 };
  switch (expectation.kind) {
    case 'everything':
      return;
    case 'series': {
      const arrived = new Set(below.map(({ seriesInstanceUid }) => seriesInstanceUid));
      const series = [...arrived].filter((uid) => Object.hasOwn(expectation.series, uid));
      if (series.length > 0) await queues.sendCompletion({ ...message, series }, 0);
      return;
    }
    case 'instances': {
      const { arrivals, due, asked } = await markers.countArrivals(marker, below.length);
      if (arrivals < due || asked === due) return;
      await queues.sendCompletion({ ...message, isCounted: true }, 0);
      // After the message: a run that dies in between has its events delivered again, and asks once more.
      await markers.saveProgress(marker, { asked: due });
      return;
    }
    default:
      return expectation satisfies never;
  }
}
