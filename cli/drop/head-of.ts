import { type FinalOutcome, readHeader } from '../../functions/ingest/read-dicom-header.ts';
import type { DropItem } from '../../local/drop/drop-item.ts';

/** As the pipeline will read it, and no more of the file than its header needs. */
export async function headOf(item: DropItem): Promise<FinalOutcome> {
  const { outcome } = await readHeader(async (first, last) => ({
    bytes: (await firstBytes(item, last + 1)).subarray(first),
    totalSizeBytes: item.sizeBytes,
    etag: '',
  }));
  return outcome;
}

async function firstBytes(item: DropItem, count: number): Promise<Uint8Array> {
  const stream = await item.open();
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= count) break;
    }
  } finally {
    stream.destroy();
  }
  return Buffer.concat(chunks).subarray(0, count);
}
