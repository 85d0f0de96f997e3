import {
  type AbortMultipartUploadCommandInput,
  type CompleteMultipartUploadCommandInput,
  type CreateMultipartUploadCommandInput,
  NoSuchUpload,
  type UploadPartCommandInput,
} from '@aws-sdk/client-s3';
import { assertKnownInput } from '../command.ts';
import { s3Error } from '../service-errors.ts';
import { md5Of } from './md5.ts';
import { bytesOf } from './request-body.ts';

interface PendingUpload {
  key: string;
  contentType: string | undefined;
  beganMs: number;
  parts: Map<number, { bytes: Uint8Array; etag: string }>;
}

/** Amazon S3 User Guide, "Multipart upload limits": every part but the last has so many bytes. */
const MIN_PART_BYTES = 5 * 1024 * 1024;
const CREATE_INPUT = new Set(['Bucket', 'Key', 'ContentType', 'ChecksumAlgorithm']);
const PART_INPUT = new Set(['Bucket', 'Key', 'UploadId', 'PartNumber', 'Body', 'ContentType']);
const COMPLETE_INPUT = new Set(['Bucket', 'Key', 'UploadId', 'MultipartUpload', 'ContentType']);
const ABORT_INPUT = new Set(['Bucket', 'Key', 'UploadId']);

/** Objects that arrive in parts: nobody sees them until they are complete. */
export class MultipartUploads {
  readonly #uploads = new Map<string, PendingUpload>();
  #created = 0;

  create(input: CreateMultipartUploadCommandInput, nowMs: number): { UploadId: string } {
    assertKnownInput('CreateMultipartUpload', input, CREATE_INPUT);
    this.#created += 1;
    const UploadId = `upload-${this.#created}`;
    this.#uploads.set(UploadId, {
      key: input.Key ?? '',
      contentType: input.ContentType,
      beganMs: nowMs,
      parts: new Map(),
    });
    return { UploadId };
  }

  putPart(input: UploadPartCommandInput): { ETag: string } {
    assertKnownInput('UploadPart', input, PART_INPUT);
    const upload = this.#find(input);
    const bytes = bytesOf(input.Body);
    const etag = `"${md5Of(bytes)}"`;
    upload.parts.set(input.PartNumber ?? 0, { bytes, etag });
    return { ETag: etag };
  }

  /** @returns the whole object; `tag` and the number of its parts are its ETag */
  complete(input: CompleteMultipartUploadCommandInput) {
    assertKnownInput('CompleteMultipartUpload', input, COMPLETE_INPUT);
    const upload = this.#find(input);
    const named = input.MultipartUpload?.Parts ?? [];
    const parts = named.map(({ PartNumber = 0, ETag }) => {
      const part = upload.parts.get(PartNumber);
      if (part === undefined || part.etag !== ETag) throw s3Error('InvalidPart', 400);
      return part;
    });
    if (named.some(({ PartNumber = 0 }, at) => at > 0 && PartNumber <= (named[at - 1]?.PartNumber ?? 0))) {
      throw s3Error('InvalidPartOrder', 400);
    }
    if (parts.length === 0) throw s3Error('MalformedXML', 400);
    if (parts.slice(0, -1).some(({ bytes }) => bytes.length < MIN_PART_BYTES))
      throw s3Error('EntityTooSmall', 400);
    this.#uploads.delete(input.UploadId ?? '');
    const md5s = Buffer.from(parts.map(({ etag }) => etag.slice(1, -1)).join(''), 'hex');
    return {
      contentType: upload.contentType,
      beganMs: upload.beganMs,
      parts: parts.length,
      bytes: Buffer.concat(parts.map(({ bytes }) => bytes)),
      tag: md5Of(md5s),
    };
  }

  abort(input: AbortMultipartUploadCommandInput): void {
    assertKnownInput('AbortMultipartUpload', input, ABORT_INPUT);
    this.#find(input);
    this.#uploads.delete(input.UploadId ?? '');
  }

  /** Uploads that were begun and neither completed nor aborted: their parts cost money. */
  get pending(): number {
    return this.#uploads.size;
  }

  #find({ Key, UploadId }: { Key: string | undefined; UploadId: string | undefined }): PendingUpload {
    const upload = this.#uploads.get(UploadId ?? '');
    if (upload !== undefined && upload.key === Key) return upload;
    throw new NoSuchUpload({ message: 'NoSuchUpload', $metadata: { httpStatusCode: 404 } });
  }
}
