import type { Segment } from './body-files.ts';
import { parseByteRange } from './byte-range.ts';
import { type Checksum, checksumElement } from './checksum.ts';
import { copyBytes } from './copy-object.ts';
import { openCopySource } from './copy-source.ts';
import {
  type ObjectExchange,
  type S3Services,
  sendEmpty,
  sendXml,
  setChecksum,
  setEtag,
} from './exchange.ts';
import { receiveBody } from './request-body.ts';
import { invalidArgument, S3Error } from './s3-error.ts';
import type { Part, Upload } from './upload-table.ts';
import { leaf, xmlDocument } from './xml-writer.ts';

const MAX_PART_NUMBER = 10_000;

export async function uploadPart(services: S3Services, exchange: ObjectExchange): Promise<void> {
  const { request, response } = exchange;
  const { upload, number } = partOf(services, exchange);
  const { segment, md5, checksum } = await receiveBody(services.bodies, request);
  await storePart(services, upload, number, segment, md5, checksum);
  setEtag(response, md5);
  setChecksum(response, checksum);
  sendEmpty(response, 200);
}

export async function uploadPartCopy(services: S3Services, exchange: ObjectExchange): Promise<void> {
  const { request, response } = exchange;
  const { upload, number } = partOf(services, exchange);
  request.resume();
  const source = openCopySource(services, request.headers);
  try {
    const { startByte, lengthBytes } = copyRange(
      request.headers['x-amz-copy-source-range'],
      source.object.sizeBytes,
    );
    const copy = await copyBytes(
      services,
      source.segments,
      startByte,
      lengthBytes,
      upload.checksum?.algorithm,
    );
    const part = await storePart(services, upload, number, copy.segment, copy.md5, copy.checksum);
    sendXml(
      response,
      xmlDocument(
        'CopyPartResult',
        leaf('LastModified', new Date(part.modifiedMs).toISOString()),
        leaf('ETag', `"${part.etag}"`),
        copy.checksum === undefined
          ? ''
          : leaf(checksumElement(copy.checksum.algorithm), copy.checksum.value),
      ),
    );
  } finally {
    source.release();
  }
}

function partOf(
  services: S3Services,
  { bucket, key, query }: ObjectExchange,
): { upload: Upload; number: number } {
  services.objects.requireBucket(bucket);
  const text = query.get('partNumber') ?? '';
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > MAX_PART_NUMBER) {
    throw invalidArgument('Part number must be an integer between 1 and 10000, inclusive');
  }
  return { upload: services.uploads.require(bucket, key, query.get('uploadId') ?? ''), number };
}

async function storePart(
  { uploads, bodies, now }: S3Services,
  upload: Upload,
  number: number,
  segment: Segment,
  etag: string,
  checksum: Checksum | undefined,
): Promise<Part> {
  const nowMs = now();
  const part: Part = {
    number,
    segment,
    etag,
    modifiedMs: nowMs - (nowMs % 1000),
    ...(checksum === undefined ? {} : { checksum }),
  };
  let replaced: Segment | undefined;
  try {
    replaced = uploads.putPart(upload, part);
  } catch (error) {
    await bodies.remove([segment]);
    throw error;
  }
  if (replaced !== undefined) await bodies.remove([replaced]);
  return part;
}

/** Unlike in a GET, this range must be within the source: `bytes=first-last`, both given. */
function copyRange(header: string | string[] | undefined, sizeBytes: number) {
  if (header === undefined) return { startByte: 0, lengthBytes: sizeBytes };
  const text = String(header);
  const range = parseByteRange(text, sizeBytes);
  const last = /^bytes=\d+-(\d+)$/.exec(text)?.[1];
  if (last === undefined || range.kind !== 'part') {
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last within the source.',
    );
  }
  if (Number(last) >= sizeBytes) {
    throw new S3Error(400, 'InvalidRange', 'The copy source range ends beyond the source object.');
  }
  return { startByte: range.startByte, lengthBytes: range.endByte - range.startByte + 1 };
}
