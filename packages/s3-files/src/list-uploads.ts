import { OWNER } from './buckets.ts';
import { checksumElement } from './checksum.ts';
import { type BucketExchange, type ObjectExchange, type S3Services, sendXml } from './exchange.ts';
import { afterKey, afterPrefix, later } from './key-range.ts';
import { countParameter, nameEncoder } from './list-parameters.ts';
import { invalidArgument } from './s3-error.ts';
import { branch, leaf, xmlDocument } from './xml-writer.ts';

const INITIATOR = branch('Initiator', leaf('ID', 'local'), leaf('DisplayName', 'local'));

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export function listParts({ objects, uploads }: S3Services, exchange: ObjectExchange): void {
  const { bucket, key, query, response } = exchange;
  objects.requireBucket(bucket);
  const { uploadId } = uploads.require(bucket, key, query.get('uploadId') ?? '');
  const maxParts = countParameter(query, 'max-parts');
  const marker = query.get('part-number-marker') ?? '0';
  if (!/^\d{1,9}$/.test(marker)) throw invalidArgument('Argument part-number-marker must be an integer');
  const found = uploads.parts(uploadId, Number(marker), maxParts + 1);
  const parts = found.slice(0, maxParts);
  const isTruncated = maxParts > 0 && found.length > maxParts;
  sendXml(
    response,
    xmlDocument(
      'ListPartsResult',
      leaf('Bucket', bucket),
      leaf('Key', nameEncoder(query)(key)),
      leaf('UploadId', uploadId),
      INITIATOR,
      OWNER,
      leaf('StorageClass', 'STANDARD'),
      leaf('PartNumberMarker', marker),
      leaf('NextPartNumberMarker', parts.at(-1)?.number ?? marker),
      leaf('MaxParts', maxParts),
      leaf('IsTruncated', isTruncated),
      ...parts.map(({ number, modifiedMs, etag, segment, checksum }) =>
        branch(
          'Part',
          leaf('PartNumber', number),
          leaf('LastModified', new Date(modifiedMs).toISOString()),
          leaf('ETag', `"${etag}"`),
          leaf('Size', segment.sizeBytes),
          checksum === undefined ? '' : leaf(checksumElement(checksum.algorithm), checksum.value),
        ),
      ),
    ),
  );
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html, without a delimiter. */
export function listMultipartUploads({ objects, uploads }: S3Services, exchange: BucketExchange): void {
  const { bucket, query, response } = exchange;
  objects.requireBucket(bucket);
  const prefix = query.get('prefix') ?? '';
  const keyMarker = query.get('key-marker') ?? '';
  const uploadIdMarker = keyMarker === '' ? '' : (query.get('upload-id-marker') ?? '');
  const maxUploads = countParameter(query, 'max-uploads');
  const encode = nameEncoder(query);
  const marker = Buffer.from(keyMarker);
  // With an upload id, the marked key may have later uploads; without one, the key is complete.
  const from = later(
    Buffer.from(prefix),
    uploadIdMarker === '' && keyMarker !== '' ? afterKey(marker) : marker,
  );
  const found = uploads.page(bucket, from, afterPrefix(Buffer.from(prefix)), uploadIdMarker, maxUploads + 1);
  const page = found.slice(0, maxUploads);
  const isTruncated = maxUploads > 0 && found.length > maxUploads;
  const last = isTruncated ? page.at(-1) : undefined;
  sendXml(
    response,
    xmlDocument(
      'ListMultipartUploadsResult',
      leaf('Bucket', bucket),
      leaf('KeyMarker', encode(keyMarker)),
      leaf('UploadIdMarker', uploadIdMarker),
      leaf('NextKeyMarker', last === undefined ? undefined : encode(last.key)),
      leaf('NextUploadIdMarker', last?.uploadId),
      leaf('Prefix', encode(prefix)),
      leaf('MaxUploads', maxUploads),
      leaf('EncodingType', query.get('encoding-type') ?? undefined),
      leaf('IsTruncated', isTruncated),
      ...page.map(({ key, uploadId, initiatedMs }) =>
        branch(
          'Upload',
          leaf('Key', encode(key)),
          leaf('UploadId', uploadId),
          INITIATOR,
          OWNER,
          leaf('StorageClass', 'STANDARD'),
          leaf('Initiated', new Date(initiatedMs).toISOString()),
        ),
      ),
    ),
  );
}
