import type { DropItem, OnProblem } from '../../local/drop/drop-item.ts';
import { headOf } from './head-of.ts';
import type { ScanTally } from './tally.ts';

export interface ScansOptions {
  tally: ScanTally;
  /** Files that are no scan: viewers, texts, a DICOMDIR. */
  onLeftOut(path: string): void;
  onProblem: OnProblem;
}

/**
 * Those of the items that are scans, counted. A file that is no DICOM file is left out, as on a CD with a viewer; one that is
 * damaged is a problem, because the series would lack it. A tar archive goes as it is: the pipeline reads it in place.
 */
export async function* scansOf(
  items: AsyncIterable<DropItem>,
  { tally, onLeftOut, onProblem }: ScansOptions,
): AsyncGenerator<DropItem> {
  for await (const item of items) {
    if (item.isMarker) {
      // Ours is written at the end, with the counts of everything.
      item.release();
      continue;
    }
    if (/\.tar$/i.test(item.key)) {
      tally.addUncounted();
      yield item;
      continue;
    }
    const head = await headOf(item).catch((error: unknown): Unread => ({ kind: 'unread', error }));
    if (head.kind === 'header') {
      tally.add(head.header.seriesInstanceUid, head.header.sopInstanceUid);
      yield item;
      continue;
    }
    item.release();
    const { path } = item;
    if (head.kind === 'dicomdir') onLeftOut(path);
    else if (head.kind === 'unread') {
      const got = head.error instanceof Error ? head.error.message : 'an unknown error';
      onProblem({ path, reason: `expected to read it, got: ${got}: not dropped` });
    } else if (head.reason === 'not_dicom' || head.reason === 'empty_object') onLeftOut(path);
    else onProblem({ path, reason: `expected a DICOM file, got one that is ${head.reason}: not dropped` });
  }
}

interface Unread {
  kind: 'unread';
  error: unknown;
}
