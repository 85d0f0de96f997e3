import { Readable } from 'node:stream';
import type { UploadFile } from '../../../functions/qure/client/multipart.ts';

export const SERIES = '1.2.3';
export const options = { seriesInstanceUid: SERIES };

/** @param sizeBytes the announced size; NaN for one that is not known beforehand */
export function fileOf(
  bytes: Uint8Array,
  fileName: string,
  sizeBytes: number | undefined = bytes.byteLength,
): UploadFile {
  const open = async () => Readable.from([bytes]);
  return sizeBytes === undefined || Number.isNaN(sizeBytes)
    ? { fileName, open }
    : { fileName, sizeBytes, open };
}

/** Yields chunks without end, as fast as they are taken. */
export function endless(chunkBytes = 64 * 1024): Readable {
  const chunk = Buffer.alloc(chunkBytes, 1);
  return new Readable({
    read() {
      this.push(chunk);
    },
  });
}

/** Qure's answer when all of these were registered. */
export function receiptFor(...fieldNames: string[]) {
  const entry = {
    message: 'DICOM registered successfully.',
    created: true,
    license_expired: false,
    metadata: {},
  };
  return JSON.stringify({
    message: 'Success',
    messages: Object.fromEntries(fieldNames.map((fieldName) => [fieldName, entry])),
    detailed_info: [{ SeriesInstanceUID: SERIES, NumberOfSeriesRelatedInstances: fieldNames.length }],
  });
}
