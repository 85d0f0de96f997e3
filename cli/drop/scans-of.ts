import { isArchiveName } from '../../functions/archives/archive-bytes.ts';
import type { DropItem, OnProblem } from '../../local/drop/drop-item.ts';
import { headOf } from './head-of.ts';
import { archiveKeyOf, scanKeyOf } from './scan-key.ts';
import type { ScanTally } from './tally.ts';

export interface ScansOptions {
  /** The folder of all of them. The keys of the items begin with its `roomyPrefix`. */
  prefix: string;
  /** A link has a key without an ending, by which the pipeline knows an archive. */
  takesTars: boolean;
  tally: ScanTally;
  /** Files that are no scan: viewers, texts, a DICOMDIR. */
  onLeftOut(path: string): void;
  onProblem: OnProblem;
}

/**
 * Those of the items that are scans, counted. A file that is no DICOM file is left out, as on a CD with a viewer; one that is
 * damaged or empty, and an archive that is not read, is a problem, because the series would lack it. A tar archive goes as it
 * is: the pipeline reads it in place.
 */
export async function* scansOf(
  items: AsyncIterable<DropItem>,
  { prefix, takesTars, tally, onLeftOut, onProblem }: ScansOptions,
): AsyncGenerator<DropItem> {
  for await (const item of items) {
    // Ours is written at the end, with the counts of everything.
    if (item.isMarker) continue;
    if (/\.tar$/i.test(item.key) && !takesTars) {
      const reason = 'expected no tar archive with upload links, got one: not dropped; use --stack, or a zip';
      onProblem({ path: item.path, reason });
      continue;
    }
    if (/\.tar$/i.test(item.key)) {
      const key = await archiveKeyOf(item, prefix).catch(
        (error: unknown): Unread => ({ kind: 'unread', error }),
      );
      if (typeof key === 'string') {
        tally.addUncounted(key);
        yield { ...item, key };
        continue;
      }
      onProblem({ path: item.path, reason: reasonOf(key) });
      continue;
    }
    const head = await headOf(item).catch((error: unknown): Unread => ({ kind: 'unread', error }));
    if (head.kind === 'header') {
      const { key, folder } = scanKeyOf(item, prefix, head.header);
      tally.add(key, folder, head.header.seriesInstanceUid, head.header.sopInstanceUid);
      yield { ...item, key };
      continue;
    }
    const { path } = item;
    if (head.kind === 'dicomdir') onLeftOut(path);
    else if (head.kind === 'unread') onProblem({ path, reason: reasonOf(head) });
    else if (head.reason === 'empty_object')
      onProblem({
        path,
        reason: 'expected a DICOM file, got an empty one: not dropped; copy it again or remove it',
      });
    else if (head.reason === 'not_dicom' && (isArchiveName(path) || isArchiveName(item.key)))
      onProblem({
        path,
        reason: 'expected files, got an archive that is not read here: not dropped; unpack it first',
      });
    else if (head.reason === 'not_dicom') onLeftOut(path);
    else onProblem({ path, reason: `expected a DICOM file, got one that is ${head.reason}: not dropped` });
  }
}

interface Unread {
  kind: 'unread';
  error: unknown;
}

function reasonOf({ error }: Unread): string {
  return `expected to read it, got: ${error instanceof Error ? error.message : 'an unknown error'}: not dropped`;
}
