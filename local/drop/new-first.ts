import type { DropItem } from './drop-item.ts';

/** An item takes about a kilobyte. Beyond this, what is there is compared in its turn. */
const MAX_COMPARED_LATER = 100_000;

/**
 * Items whose key is not in the bucket come first, what is there already comes after them: it must be read to be compared. A
 * drop that was interrupted within a series would otherwise send the rest of it after the quiet period. A marker stays behind
 * everything that was before it.
 */
export async function* newFirst(
  items: AsyncIterable<DropItem>,
  isThere: (item: DropItem) => Promise<boolean>,
): AsyncGenerator<{ item: DropItem; isStored: boolean }> {
  const later: { item: DropItem; isStored: boolean }[] = [];
  for await (const item of items) {
    const isStored = await isThere(item);
    const waits = item.isMarker ? later.length > 0 : isStored && later.length < MAX_COMPARED_LATER;
    if (waits) later.push({ item, isStored });
    else yield { item, isStored };
  }
  yield* later;
}
