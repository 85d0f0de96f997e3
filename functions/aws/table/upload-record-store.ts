import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { UploadRecord, UploadRecordStore } from '../../delivery/upload-records.ts';
import { contentId } from '../../delivery/upload-records.ts';
import type { SeriesId } from '../../instances/series-id.ts';
import type { Row, TableRef } from './batches.ts';
import { expiryAttribute } from './expiry.ts';
import { seriesPk, UPLOAD_PREFIX } from './keys.ts';
import { querySeriesRows } from './series-rows.ts';

/**
 * One row for each upload request: a mark an instance would cost a write each. UIDs and hashes of 16 files are about 3 KB of text;
 * packed they cost a write unit less.
 */
export function createUploadRecordStore(table: TableRef): UploadRecordStore {
  const marksBelow = async (id: SeriesId, prefix: string) => {
    const rows = await querySeriesRows(table, id, prefix);
    return rows.map(toUploadRecord);
  };
  return {
    async add(id, round, mark, expiresAt) {
      await table.client.send(
        new PutCommand({
          TableName: table.tableName,
          Item: {
            pk: seriesPk(id),
            sk: sortKey(round, mark),
            packedMark: deflateRawSync(JSON.stringify(mark)),
            ...expiryAttribute(expiresAt),
          },
        }),
      );
    },
    of: (id, round) => marksBelow(id, `${UPLOAD_PREFIX}${round}#`),
    ofAllRounds: (id) => marksBelow(id, UPLOAD_PREFIX),
  };
}

/** Rows are written by this file alone, so their shape is trusted. Earlier versions did not pack them. */
export function toUploadRecord({ packedMark, mark }: Row): UploadRecord {
  if (!(packedMark instanceof Uint8Array)) return mark as UploadRecord;
  return JSON.parse(inflateRawSync(packedMark).toString()) as UploadRecord;
}

/** The same files marked twice make one row. */
function sortKey(round: number, { registered, sent = [] }: UploadRecord): string {
  const files = JSON.stringify([registered.map(contentId), sent.map(contentId)]);
  return `${UPLOAD_PREFIX}${round}#${createHash('sha256').update(files).digest('hex').slice(0, 32)}`;
}
