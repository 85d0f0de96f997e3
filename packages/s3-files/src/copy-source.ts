import type { IncomingHttpHeaders } from 'node:http';
import type { Segment } from './body-files.ts';
import { judgeRead } from './conditions.ts';
import type { S3Services } from './exchange.ts';
import type { ObjectRow } from './object-table.ts';
import { checkKeyLength, decodeComponent } from './request-address.ts';
import { invalidArgument, noSuchKey, preconditionFailed } from './s3-error.ts';

export interface CopySource {
  bucket: string;
  object: ObjectRow;
  segments: Segment[];
  /** Releases the source's files; must be called once. */
  release: () => void;
}

/**
 * Finds what `x-amz-copy-source` names, judges `x-amz-copy-source-if-*`, and holds the source's files.
 * @throws InvalidArgument, NoSuchBucket, NoSuchKey, PreconditionFailed
 */
export function openCopySource({ objects, bodies }: S3Services, headers: IncomingHttpHeaders): CopySource {
  const header = headers['x-amz-copy-source'];
  const [path = '', version] = (typeof header === 'string' ? header : '').split('?', 2);
  if (version !== undefined && version !== 'versionId=null') {
    throw invalidArgument('Expected a copy source without a version: this server keeps none.');
  }
  const decoded = decodeComponent(path).replace(/^\//, '');
  const slash = decoded.indexOf('/');
  if (slash < 1 || slash === decoded.length - 1) {
    throw invalidArgument('Copy Source must mention the source bucket and key: sourcebucket/sourcekey');
  }
  const bucket = decoded.slice(0, slash);
  const key = decoded.slice(slash + 1);
  checkKeyLength(key);
  objects.requireBucket(bucket);
  const object = objects.find(bucket, key);
  if (object === undefined) throw noSuchKey();
  const verdict = judgeRead(
    {
      ifMatch: text(headers['x-amz-copy-source-if-match']),
      ifNoneMatch: text(headers['x-amz-copy-source-if-none-match']),
      ifModifiedSince: text(headers['x-amz-copy-source-if-modified-since']),
      ifUnmodifiedSince: text(headers['x-amz-copy-source-if-unmodified-since']),
    },
    object,
  );
  if (verdict !== 'proceed') throw preconditionFailed('x-amz-copy-source-If');
  return {
    bucket,
    object,
    segments: objects.segmentsOf(object.objectId),
    release: bodies.lease(object.objectId),
  };
}

function text(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}
