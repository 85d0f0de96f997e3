import type { PatientIdentity } from '@qure-dropoff/dicom';
import type { DropBucket } from '../instances/drop-bucket.ts';
import type { Instance } from '../instances/instance.ts';
import { type QuarantinedObject, type QuarantineReason, quarantineIdOf } from '../instances/quarantine.ts';
import { defined } from '../shared/defined.ts';
import type { Instant } from '../shared/time.ts';
import { rowExpiryOf } from '../sources/row-expiry.ts';
import type { Source } from '../sources/source.ts';
import { archiveHint } from './archive/archive-hint.ts';
import { readHeader } from './read-dicom-header.ts';

export interface DroppedObject {
  key: string;
  source: Source;
  /** Its event was delivered before: an earlier run may have died half way. */
  isRepeated?: boolean;
}

/** Where one dropped object ends: as an instance, in quarantine, or ignored (a DICOMDIR by its content, whatever its name). */
export type ReadObject =
  | { kind: 'instance'; instance: Instance; patient?: PatientIdentity }
  | { kind: 'quarantined'; object: QuarantinedObject }
  | { kind: 'ignored' };

/** Carries `missing` through the header reader, which knows only bytes. */
class ObjectMissingError extends Error {}

/** Reads the header of a dropped object, and no more of it. Throws when S3 cannot be reached. */
export async function readDroppedObject(
  drop: DropBucket,
  dropped: DroppedObject,
  now: Instant,
): Promise<ReadObject> {
  const quarantined = (
    reason: QuarantineReason,
    detail: string,
    facts: { etag?: string; sizeBytes?: number } = {},
  ) => ({
    kind: 'quarantined' as const,
    object: toQuarantined(dropped, { reason, detail, ...facts }, now),
  });
  let head: Uint8Array = new Uint8Array();
  let version: { versionId?: string; lastModified?: Instant } = {};
  const reading = await readHeader(async (firstByte, lastByte) => {
    const range = await drop.readRange(dropped.key, firstByte, lastByte);
    if (range.kind === 'missing') throw new ObjectMissingError();
    const { versionId, lastModified } = range;
    version = { lastModified, ...defined({ versionId }) };
    if (firstByte === 0) head = range.bytes;
    return range;
  }).catch((error: unknown) => {
    if (error instanceof ObjectMissingError) return undefined;
    throw error;
  });
  if (reading === undefined) {
    return quarantined(
      'object_missing',
      'the object was gone before its header could be read; drop it again',
    );
  }
  const { outcome, object } = reading;
  switch (outcome.kind) {
    case 'dicomdir':
      return { kind: 'ignored' };
    case 'rejected': {
      const hint = outcome.reason === 'not_dicom' ? archiveHint(head) : undefined;
      const { etag, sizeBytes } = object;
      return quarantined(outcome.reason, hint ?? outcome.detail, { etag, sizeBytes });
    }
    case 'header': {
      const stored = { ...object, key: dropped.key, ...version };
      const instance = {
        ...outcome.header,
        source: dropped.source.name,
        object: stored,
        indexedAt: now,
      };
      const { patient } = outcome;
      return { kind: 'instance', instance, ...defined({ patient }) };
    }
    default:
      return outcome satisfies never;
  }
}

export function toQuarantined(
  dropped: { key: string; source?: Source },
  facts: { reason: QuarantineReason; detail: string; etag?: string; sizeBytes?: number },
  at: Instant,
): QuarantinedObject {
  return {
    id: quarantineIdOf(dropped.key),
    key: dropped.key,
    ...(dropped.source === undefined ? {} : { source: dropped.source.name }),
    ...facts,
    at,
    // What is below no source's prefix has no lifecycle rule.
    ...defined({ expiresAt: rowExpiryOf(dropped.source?.retention, at) }),
  };
}
