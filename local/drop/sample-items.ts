import { Readable } from 'node:stream';
import { MARKER_NAME } from '../../functions/instances/marker.ts';
import type { DropItem } from './drop-item.ts';
import { keyOf, segmentsOfEntryName } from './key-names.ts';

/** A generated file; `path` is relative, with `/`. */
export interface Sample {
  path: string;
  bytes: Uint8Array;
}

/** Generated samples as items below `prefix` (which ends in `/`), in their own order. */
export async function* itemsOfSamples(
  samples: AsyncIterable<Sample>,
  prefix: string,
): AsyncGenerator<DropItem> {
  for await (const { path, bytes } of samples) {
    const segments = segmentsOfEntryName(path);
    yield {
      key: keyOf(prefix, segments),
      sizeBytes: bytes.byteLength,
      path,
      isMarker: segments.at(-1) === MARKER_NAME,
      open: async () => Readable.from(bytes.byteLength === 0 ? [] : [Buffer.from(bytes)]),
    };
  }
}
