import { createHash } from 'node:crypto';
import type { FinalOutcome } from '../../functions/ingest/read-dicom-header.ts';
import type { DropItem } from '../../local/drop/drop-item.ts';
import { shortHash } from '../../local/drop/key-names.ts';

/** Stands for what is added to a key, so that a key is not too long for S3 with it. */
const ROOM = `${'0'.repeat(33)}/`;

/** The prefix of items whose keys are given to `scanKeyOf` or `archiveKeyOf`. */
export function roomyPrefix(prefix: string): string {
  return prefix + ROOM;
}

export interface ScanKey {
  key: string;
  /** Of its study: begins with `prefix`, ends in `/`. */
  folder: string;
}

/**
 * Two CDs at one mount path have the same names: the study and the instance distinguish them. The same file has the same key in
 * each run.
 */
export function scanKeyOf(
  { key }: DropItem,
  prefix: string,
  {
    studyInstanceUid,
    seriesInstanceUid,
    sopInstanceUid,
  }: Extract<FinalOutcome, { kind: 'header' }>['header'],
): ScanKey {
  const rest = key.slice(roomyPrefix(prefix).length);
  const nameAt = rest.lastIndexOf('/') + 1;
  const folder = `${prefix}${shortHash(studyInstanceUid)}/`;
  const instance = shortHash(`${seriesInstanceUid}\n${sopInstanceUid}`);
  return { folder, key: `${folder}${rest.slice(0, nameAt)}${instance}-${rest.slice(nameAt)}` };
}

/** By all of its content: its beginning may be a viewer that is on every CD. */
export async function archiveKeyOf(item: DropItem, prefix: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of (await item.open()) as AsyncIterable<Buffer>) hash.update(chunk);
  return `${prefix}${hash.digest('hex').slice(0, 16)}/${item.key.slice(roomyPrefix(prefix).length)}`;
}
