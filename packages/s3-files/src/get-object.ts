import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { parseByteRange } from './byte-range.ts';
import { judgeRead, matchesEtag } from './conditions.ts';
import { type ObjectExchange, type S3Services, setChecksum, setEtag } from './exchange.ts';
import { responseOverrides } from './object-headers.ts';
import type { ObjectRow } from './object-table.ts';
import { tagCountHeaders } from './object-tags.ts';
import { invalidArgument, noSuchKey, preconditionFailed, S3Error } from './s3-error.ts';

interface Extent {
  isPartial: boolean;
  startByte: number;
  lengthBytes: number;
}

/** Answers GET and HEAD of an object: conditions, ranges, a part by its number, overrides, checksums. */
export async function getObject(services: S3Services, exchange: ObjectExchange): Promise<void> {
  const { bucket, key, query, request, response } = exchange;
  const { objects, bodies } = services;
  objects.requireBucket(bucket);
  const overrides = responseOverrides(query, request.headers);
  const object = objects.find(bucket, key);
  if (object === undefined) throw noSuchKey();
  // There is no await between the row and the lease, so the files of the row exist for the whole read.
  const release = bodies.lease(object.objectId);
  try {
    const segments = objects.segmentsOf(object.objectId);
    if (isNotModified(request.headers, object)) {
      setEtag(response, object.etag);
      response.setHeader('last-modified', new Date(object.modifiedMs).toUTCString());
      response.statusCode = 304;
      response.end();
      return;
    }
    const partNumber = query.get('partNumber');
    const extent =
      partNumber === null
        ? extentOfRange(request.headers, object)
        : extentOfPart(
            partNumber,
            object,
            segments.map((segment) => segment.sizeBytes),
          );
    setObjectHeaders(response, object, extent, overrides);
    if (partNumber !== null && object.uploadId !== undefined) {
      response.setHeader('x-amz-mp-parts-count', segments.length);
    }
    if (!extent.isPartial && request.headers['x-amz-checksum-mode'] === 'ENABLED') {
      setChecksum(response, object.checksum);
    }
    if (request.method === 'HEAD' || extent.lengthBytes === 0) {
      response.end();
      return;
    }
    await pipeline(bodies.read(segments, extent.startByte, extent.lengthBytes), response);
  } finally {
    release();
  }
}

function isNotModified(headers: IncomingHttpHeaders, object: ObjectRow): boolean {
  const verdict = judgeRead(
    {
      ifMatch: headers['if-match'],
      ifNoneMatch: headers['if-none-match'],
      ifModifiedSince: headers['if-modified-since'],
      ifUnmodifiedSince: headers['if-unmodified-since'],
    },
    object,
  );
  if (verdict === 'failed') {
    throw preconditionFailed(headers['if-match'] === undefined ? 'If-Unmodified-Since' : 'If-Match');
  }
  return verdict === 'not modified';
}

function extentOfRange(headers: IncomingHttpHeaders, object: ObjectRow): Extent {
  const whole: Extent = { isPartial: false, startByte: 0, lengthBytes: object.sizeBytes };
  if (!isRangeStillMeant(headers['if-range']?.toString(), object)) return whole;
  const range = parseByteRange(headers.range, object.sizeBytes);
  switch (range.kind) {
    case 'whole':
      return whole;
    case 'part':
      return {
        isPartial: true,
        startByte: range.startByte,
        lengthBytes: range.endByte - range.startByte + 1,
      };
    case 'unsatisfiable':
      throw new S3Error(416, 'InvalidRange', 'The requested range is not satisfiable', {
        RangeRequested: headers.range ?? '',
        ActualObjectSize: String(object.sizeBytes),
      });
    default:
      return range satisfies never;
  }
}

/** RFC 9110 section 13.1.5: a client cannot use a range of another content. */
function isRangeStillMeant(ifRange: string | undefined, object: ObjectRow): boolean {
  if (ifRange === undefined) return true;
  return ifRange.includes('"')
    ? matchesEtag(ifRange, object.etag)
    : Date.parse(ifRange) === object.modifiedMs;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, `partNumber` */
function extentOfPart(partNumber: string, object: ObjectRow, partSizes: readonly number[]): Extent {
  if (!/^[1-9]\d{0,4}$/.test(partNumber))
    throw invalidArgument('Part number must be an integer from 1 to 10000.');
  const index = Number(partNumber) - 1;
  const lengthBytes = partSizes[index];
  if (lengthBytes === undefined) {
    throw new S3Error(416, 'InvalidPartNumber', 'The requested partnumber is not satisfiable');
  }
  const startByte = partSizes.slice(0, index).reduce((sum, sizeBytes) => sum + sizeBytes, 0);
  return { isPartial: object.sizeBytes > 0, startByte, lengthBytes };
}

function setObjectHeaders(
  response: ServerResponse,
  object: ObjectRow,
  { isPartial, startByte, lengthBytes }: Extent,
  overrides: Record<string, string>,
): void {
  const headers = {
    'content-type': 'binary/octet-stream',
    ...tagCountHeaders(object.headers),
    ...overrides,
  };
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  setEtag(response, object.etag);
  response.setHeader('last-modified', new Date(object.modifiedMs).toUTCString());
  response.setHeader('accept-ranges', 'bytes');
  response.setHeader('content-length', lengthBytes);
  if (isPartial) {
    response.statusCode = 206;
    response.setHeader(
      'content-range',
      `bytes ${startByte}-${startByte + lengthBytes - 1}/${object.sizeBytes}`,
    );
  }
}
