import type { Archive, ArchivePart, ArchiveStore } from '../../instances/archive.ts';

/** The parts of an archive, in their order, with their numbers. */
export async function* readArchiveParts(
  archives: Pick<ArchiveStore, 'partsOf'>,
  archive: Archive,
  first: number,
): AsyncGenerator<ArchivePart & { number: number }> {
  let number = first;
  while (number < archive.progress.parts) {
    const parts = await archives.partsOf(archive, number);
    for (const part of parts) {
      yield { ...part, number };
      number += 1;
    }
    // Their rows are gone: nothing more is known.
    if (parts.length === 0) return;
  }
}
