import {
  type GetObjectCommandInput,
  type HeadObjectCommandInput,
  NoSuchKey,
  NotFound,
} from '@aws-sdk/client-s3';
import { assertKnownInput } from '../command.ts';
import { s3Error } from '../service-errors.ts';
import { byteRangeOf } from './byte-range.ts';
import { ObjectBody } from './object-body.ts';
import type { ObjectVersion, StoredObjects } from './stored-objects.ts';

const GET_INPUT = new Set(['Bucket', 'Key', 'VersionId', 'Range', 'IfMatch']);
const HEAD_INPUT = new Set(['Bucket', 'Key', 'VersionId']);

/** @throws NoSuchKey; S3ServiceException NoSuchVersion 404, MethodNotAllowed 405, PreconditionFailed 412, InvalidRange 416 */
export function getObject(objects: StoredObjects, input: GetObjectCommandInput, breaksOff: boolean): object {
  assertKnownInput('GetObject', input, GET_INPUT);
  const object = find(objects, input.Key ?? '', input.VersionId);
  if (object === undefined) throw new NoSuchKey({ message: 'NoSuchKey', $metadata: { httpStatusCode: 404 } });
  const { bytes } = object;
  const wanted = input.IfMatch?.replaceAll('"', '');
  if (wanted !== undefined && wanted !== '*' && wanted !== object.etag)
    throw s3Error('PreconditionFailed', 412);
  const range = input.Range === undefined ? undefined : byteRangeOf(input.Range, bytes.length);
  const part = range === undefined ? bytes : bytes.subarray(range.start, range.end);
  return {
    ...headersOf(object, part.length, range === undefined ? 200 : 206),
    ...(range === undefined ? {} : { ContentRange: `bytes ${range.start}-${range.end - 1}/${bytes.length}` }),
    Body: new ObjectBody(part, breaksOff),
  };
}

/** @throws NotFound: an answer without a body has no room for another code */
export function headObject(objects: StoredObjects, input: HeadObjectCommandInput): object {
  assertKnownInput('HeadObject', input, HEAD_INPUT);
  const newest = input.VersionId === undefined ? objects.newest(input.Key ?? '') : undefined;
  const object = input.VersionId === undefined ? newest : find(objects, input.Key ?? '', input.VersionId);
  if (object?.bytes === undefined)
    throw new NotFound({ message: 'NotFound', $metadata: { httpStatusCode: 404 } });
  return headersOf(object, object.bytes.length, 200);
}

function find(objects: StoredObjects, key: string, versionId: string | undefined) {
  const object = versionId === undefined ? objects.newest(key) : objects.version(key, versionId);
  if (object === undefined && versionId !== undefined) throw s3Error('NoSuchVersion', 404);
  if (object === undefined) return undefined;
  if (object.bytes !== undefined) return { ...object, bytes: object.bytes };
  // A delete marker: as good as nothing, unless it is asked for by name.
  if (versionId !== undefined) throw s3Error('MethodNotAllowed', 405);
  return undefined;
}

function headersOf(object: ObjectVersion, length: number, httpStatusCode: number): object {
  return {
    ContentLength: length,
    ContentType: object.contentType ?? 'application/octet-stream',
    ETag: `"${object.etag}"`,
    LastModified: object.lastModified,
    ...(object.versionId === undefined ? {} : { VersionId: object.versionId }),
    $metadata: { httpStatusCode },
  };
}
