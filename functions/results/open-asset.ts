import { Readable } from 'node:stream';
import { FIRST_READ_BYTES, type FileIdentity, MAX_HEADER_BYTES, parseIdentity } from '@qure-dropoff/dicom';

/** An asset of which as much has been read as tells whose it is. */
export interface OpenedAsset {
  /** Absent for what is no DICOM file. */
  identity?: FileIdentity;
  /** The whole asset, from its first byte. Destroying it ends the download. */
  stream: Readable;
}

/**
 * Reads the first bytes of an asset, the header of a DICOM file and no more: 16 KiB as a rule, `MAX_HEADER_BYTES` at most.
 * Rejects when the download breaks meanwhile.
 */
export async function openAsset(body: Readable): Promise<OpenedAsset> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const begin: Uint8Array[] = [];
  let length = 0;
  let hasEnded = false;
  let wantBytes = FIRST_READ_BYTES;
  for (;;) {
    while (length < wantBytes && !hasEnded) {
      const next = await chunks.next();
      if (next.done === true) hasEnded = true;
      else {
        begin.push(next.value);
        length += next.value.length;
      }
    }
    const outcome = parseIdentity(Buffer.concat(begin), hasEnded || length >= MAX_HEADER_BYTES);
    if (outcome.kind !== 'more') {
      const stream = Readable.from(wholeOf(begin, chunks), { objectMode: false });
      return outcome.kind === 'dicom' ? { identity: outcome, stream } : { stream };
    }
    // At least twice as much each time, so that the bytes are copied a bounded number of times.
    wantBytes = Math.min(Math.max(outcome.wantBytes, 2 * length), MAX_HEADER_BYTES);
  }
}

async function* wholeOf(begin: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>) {
  try {
    yield* begin;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
