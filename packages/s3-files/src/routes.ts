import type { IncomingMessage } from 'node:http';
import { getBucketAcl, getObjectAcl } from './access-control.ts';
import { createBucket, getBucketLocation, getBucketVersioning, headBucket } from './buckets.ts';
import { completeMultipartUpload } from './complete-upload.ts';
import { copyObject } from './copy-object.ts';
import { deleteObject, deleteObjects } from './delete-objects.ts';
import type { BucketExchange, ObjectExchange, S3Services } from './exchange.ts';
import { getObject } from './get-object.ts';
import { listObjectsV1, listObjectsV2 } from './list-objects.ts';
import { listMultipartUploads, listParts } from './list-uploads.ts';
import { abortMultipartUpload, createMultipartUpload } from './multipart-upload.ts';
import { getObjectTagging, putObjectTagging } from './object-tags.ts';
import { putObject } from './put-object.ts';
import { invalidArgument, notImplemented } from './s3-error.ts';
import { uploadPart, uploadPartCopy } from './upload-part.ts';

interface Route<Exchange> {
  method: string;
  /** Query parameters that make a request this operation. */
  requires: readonly string[];
  /** Further ones that the operation supports. */
  allows: readonly string[];
  isCopy?: boolean;
  run: (services: S3Services, exchange: Exchange) => void | Promise<void>;
}

const LISTING = ['prefix', 'delimiter', 'max-keys', 'encoding-type'];
const READING = [
  'partNumber',
  'versionId',
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
];

/** The first match is used. */
const BUCKET_ROUTES: readonly Route<BucketExchange>[] = [
  { method: 'HEAD', requires: [], allows: [], run: headBucket },
  { method: 'PUT', requires: [], allows: [], run: createBucket },
  { method: 'GET', requires: ['location'], allows: [], run: getBucketLocation },
  { method: 'GET', requires: ['versioning'], allows: [], run: getBucketVersioning },
  { method: 'GET', requires: ['acl'], allows: [], run: getBucketAcl },
  {
    method: 'GET',
    requires: ['uploads'],
    allows: ['prefix', 'key-marker', 'upload-id-marker', 'max-uploads', 'encoding-type'],
    run: listMultipartUploads,
  },
  {
    method: 'GET',
    requires: ['list-type'],
    allows: [...LISTING, 'continuation-token', 'start-after', 'fetch-owner'],
    run: listObjectsV2,
  },
  { method: 'GET', requires: [], allows: [...LISTING, 'marker'], run: listObjectsV1 },
  { method: 'POST', requires: ['delete'], allows: [], run: deleteObjects },
];

const OBJECT_ROUTES: readonly Route<ObjectExchange>[] = [
  { method: 'PUT', requires: ['partNumber', 'uploadId'], allows: [], isCopy: true, run: uploadPartCopy },
  { method: 'PUT', requires: ['partNumber', 'uploadId'], allows: [], isCopy: false, run: uploadPart },
  { method: 'PUT', requires: ['tagging'], allows: ['versionId'], isCopy: false, run: putObjectTagging },
  { method: 'PUT', requires: [], allows: [], isCopy: true, run: copyObject },
  { method: 'PUT', requires: [], allows: [], isCopy: false, run: putObject },
  {
    method: 'GET',
    requires: ['uploadId'],
    allows: ['max-parts', 'part-number-marker', 'encoding-type'],
    run: listParts,
  },
  { method: 'GET', requires: ['tagging'], allows: ['versionId'], run: getObjectTagging },
  { method: 'GET', requires: ['acl'], allows: ['versionId'], run: getObjectAcl },
  { method: 'GET', requires: [], allows: READING, run: getObject },
  { method: 'HEAD', requires: [], allows: READING, run: getObject },
  { method: 'POST', requires: ['uploads'], allows: [], run: createMultipartUpload },
  { method: 'POST', requires: ['uploadId'], allows: [], run: completeMultipartUpload },
  { method: 'DELETE', requires: ['uploadId'], allows: [], run: abortMultipartUpload },
  { method: 'DELETE', requires: [], allows: ['versionId'], run: deleteObject },
];

export const bucketOperation = (request: IncomingMessage, query: URLSearchParams) =>
  findRoute(BUCKET_ROUTES, request, query).run;
export const objectOperation = (request: IncomingMessage, query: URLSearchParams) =>
  findRoute(OBJECT_ROUTES, request, query).run;

/**
 * A query parameter may turn a request into another operation (`?tagging`, `?acl`, `?policy`). An unknown one is
 * therefore refused and not ignored: ignoring it could overwrite or delete the object. Throws NotImplemented.
 */
function findRoute<Exchange>(
  routes: readonly Route<Exchange>[],
  { method = '', headers }: IncomingMessage,
  query: URLSearchParams,
): Route<Exchange> {
  if (headers['x-amz-server-side-encryption-customer-algorithm'] !== undefined) {
    throw notImplemented('Encryption with a key of the client (SSE-C)');
  }
  const isCopy = headers['x-amz-copy-source'] !== undefined;
  const route = routes.find(
    (candidate) =>
      candidate.method === method &&
      (candidate.isCopy === undefined || candidate.isCopy === isCopy) &&
      candidate.requires.every((name) => query.has(name)),
  );
  if (route === undefined) throw notImplemented(`${method} with these parameters`);
  for (const name of query.keys()) {
    if (!isOfSignature(name) && !route.requires.includes(name) && !route.allows.includes(name)) {
      throw notImplemented(`${method} with a query parameter that this operation does not know`);
    }
  }
  const versionId = query.get('versionId');
  if (versionId !== null && versionId !== 'null') throw invalidArgument('Invalid version id specified');
  return route;
}

/** Signatures, and `x-…` parameters, which S3 leaves to the client: `x-id` of the SDKs names the operation. */
function isOfSignature(name: string): boolean {
  return /^(x-|AWSAccessKeyId$|Signature$|Expires$)/i.test(name);
}
