import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  CHECKSUM_ALGORITHMS,
  type Checksum,
  checksumElement,
  checksumsOfHeaders,
  combineChecksums,
} from './checksum.ts';
import { writeCheck } from './conditions.ts';
import { type ObjectExchange, type S3Services, sendXml } from './exchange.ts';
import type { ObjectRow } from './object-table.ts';
import { receiveXml } from './request-body.ts';
import { malformedXml, noSuchUpload, S3Error } from './s3-error.ts';
import type { Part, Upload } from './upload-table.ts';
import { childText, parseXml } from './xml-reader.ts';
import { leaf, xmlDocument } from './xml-writer.ts';

interface NamedPart {
  number: number;
  etag: string;
  /** By algorithm, if the client names them. */
  checksums: Map<string, string>;
}

/**
 * Makes an object from the files of the parts, in one transaction, without copying a byte. Parts that the client does
 * not name are deleted. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
export async function completeMultipartUpload(services: S3Services, exchange: ObjectExchange): Promise<void> {
  services.objects.requireBucket(exchange.bucket);
  const check = writeCheck(exchange.request.headers);
  const named = parseParts(await receiveXml(exchange.request, 'object'));
  return completeOf(services, exchange, check, named);
}

async function completeOf(
  services: S3Services,
  exchange: ObjectExchange,
  check: ReturnType<typeof writeCheck>,
  named: readonly NamedPart[],
): Promise<void> {
  const { bucket, key, query } = exchange;
  const { objects, uploads, bodies, notifier, now } = services;
  const uploadId = query.get('uploadId') ?? '';
  const upload = uploads.find(bucket, key, uploadId);
  if (upload === undefined) {
    // A client that lost the answer repeats the request: S3 gives the same answer.
    const earlier = objects.find(bucket, key);
    if (earlier === undefined || earlier.uploadId !== uploadId) throw noSuchUpload();
    sendResult(exchange, earlier);
    return;
  }
  const stored = uploads.parts(uploadId);
  const parts = choose(named, stored);
  const checksum = await checksumOfWhole(upload, parts);
  // Meanwhile another request may have completed the upload, or replaced a part.
  if (!isDeepStrictEqual(uploads.parts(uploadId), stored))
    return completeOf(services, exchange, check, named);
  requireStatedChecksum(exchange, checksum);
  const md5 = createHash('md5');
  for (const part of parts) md5.update(part.etag, 'hex');

  const { row, replaced } = objects.put(
    {
      bucket,
      key,
      etag: `${md5.digest('hex')}-${parts.length}`,
      segments: parts.map((part) => part.segment),
      headers: upload.headers,
      uploadId,
      initiatedMs: upload.initiatedMs,
      eventName: 'ObjectCreated:CompleteMultipartUpload',
      ...(checksum === undefined ? {} : { checksum }),
    },
    now(),
    check,
    () => uploads.remove(uploadId),
  );
  notifier?.wake();
  if (replaced !== undefined) await bodies.retire(replaced.objectId, replaced.segments);
  const kept = new Set(parts);
  await bodies.remove(stored.filter((part) => !kept.has(part)).map((part) => part.segment));
  sendResult(exchange, row);
}

function parseParts(text: string): NamedPart[] {
  const root = parseXml(text);
  const parts = root.children.filter((child) => child.name === 'Part');
  if (root.name !== 'CompleteMultipartUpload' || parts.length === 0) throw malformedXml();
  return parts.map((part) => {
    const number = childText(part, 'PartNumber')?.trim() ?? '';
    const etag = childText(part, 'ETag')?.trim().replaceAll('"', '') ?? '';
    if (!/^\d{1,5}$/.test(number) || etag === '') throw malformedXml();
    const checksums = new Map<string, string>();
    for (const algorithm of CHECKSUM_ALGORITHMS) {
      const value = childText(part, checksumElement(algorithm))?.trim();
      if (value !== undefined) checksums.set(algorithm, value);
    }
    return { number: Number(number), etag, checksums };
  });
}

function choose(named: readonly NamedPart[], stored: readonly Part[]): Part[] {
  const byNumber = new Map(stored.map((part) => [part.number, part]));
  let previous = 0;
  return named.map(({ number, etag, checksums }) => {
    if (number <= previous) {
      throw new S3Error(400, 'InvalidPartOrder', 'The list of parts was not in ascending order.');
    }
    previous = number;
    const part = byNumber.get(number);
    const statedChecksum = part?.checksum && checksums.get(part.checksum.algorithm);
    if (
      part === undefined ||
      part.etag !== etag ||
      (statedChecksum !== undefined && statedChecksum !== part.checksum?.value)
    ) {
      throw new S3Error(
        400,
        'InvalidPart',
        'One or more of the specified parts could not be found, or its entity tag or checksum did not match.',
        { PartNumber: String(number) },
      );
    }
    return part;
  });
}

async function checksumOfWhole({ checksum }: Upload, parts: readonly Part[]): Promise<Checksum | undefined> {
  if (checksum === undefined) return undefined;
  const { algorithm, type } = checksum;
  const checked = parts.flatMap((part) =>
    part.checksum?.algorithm === algorithm
      ? [{ value: part.checksum.value, sizeBytes: part.segment.sizeBytes }]
      : [],
  );
  return checked.length === parts.length ? combineChecksums(algorithm, type, checked) : undefined;
}

/** A checksum that the client gives for the whole object must equal the one of the parts. */
function requireStatedChecksum({ request }: ObjectExchange, checksum: Checksum | undefined): void {
  if (checksum?.type !== 'FULL_OBJECT') return;
  const stated = checksumsOfHeaders(request.headers).get(checksum.algorithm);
  if (stated !== undefined && stated !== checksum.value) {
    throw new S3Error(
      400,
      'BadDigest',
      `The ${checksum.algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
    );
  }
}

function sendResult({ bucket, key, request, response }: ObjectExchange, row: ObjectRow): void {
  sendXml(
    response,
    xmlDocument(
      'CompleteMultipartUploadResult',
      leaf('Location', `http://${request.headers.host ?? 'localhost'}/${bucket}/${encodeURIComponent(key)}`),
      leaf('Bucket', bucket),
      leaf('Key', key),
      leaf('ETag', `"${row.etag}"`),
      row.checksum === undefined
        ? ''
        : leaf(checksumElement(row.checksum.algorithm), row.checksum.value) +
            leaf('ChecksumType', row.checksum.type),
    ),
  );
}
