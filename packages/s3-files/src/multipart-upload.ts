import type { IncomingHttpHeaders } from 'node:http';
import { checksumElement, parseAlgorithm } from './checksum.ts';
import { type ObjectExchange, type S3Services, sendEmpty, sendXml } from './exchange.ts';
import { headersToStore } from './object-headers.ts';
import { invalidRequest } from './s3-error.ts';
import type { Upload } from './upload-table.ts';
import { leaf, xmlDocument } from './xml-writer.ts';

export function createMultipartUpload(services: S3Services, exchange: ObjectExchange): void {
  const { bucket, key, request, response } = exchange;
  services.objects.requireBucket(bucket);
  const checksum = uploadChecksum(request.headers);
  const uploadId = services.uploads.add({
    bucket,
    key,
    initiatedMs: services.now(),
    headers: headersToStore(request.headers),
    ...(checksum === undefined ? {} : { checksum }),
  });
  request.resume();
  if (checksum !== undefined) {
    response.setHeader('x-amz-checksum-algorithm', checksum.algorithm.toUpperCase());
    response.setHeader('x-amz-checksum-type', checksum.type);
  }
  sendXml(
    response,
    xmlDocument(
      'InitiateMultipartUploadResult',
      leaf('Bucket', bucket),
      leaf('Key', key),
      leaf('UploadId', uploadId),
    ),
  );
}

export async function abortMultipartUpload(services: S3Services, exchange: ObjectExchange): Promise<void> {
  const { bucket, key, query, response } = exchange;
  services.objects.requireBucket(bucket);
  const { uploadId } = services.uploads.require(bucket, key, query.get('uploadId') ?? '');
  await services.bodies.remove(services.uploads.remove(uploadId));
  sendEmpty(response, 204);
}

/**
 * CRC-64/NVME covers the whole object, SHA only the parts; for CRC-32 the client chooses.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
function uploadChecksum(headers: IncomingHttpHeaders): Upload['checksum'] {
  const name = headers['x-amz-checksum-algorithm'];
  if (typeof name !== 'string') return undefined;
  const algorithm = parseAlgorithm(name);
  const usual = algorithm === 'crc64nvme' ? 'FULL_OBJECT' : 'COMPOSITE';
  const asked = headers['x-amz-checksum-type'] ?? usual;
  const isPossible =
    asked === 'FULL_OBJECT'
      ? algorithm.startsWith('crc')
      : asked === 'COMPOSITE' && algorithm !== 'crc64nvme';
  if (!isPossible) {
    throw invalidRequest(
      `The ${String(asked)} checksum type cannot be used with the ${checksumElement(algorithm)} algorithm.`,
    );
  }
  return { algorithm, type: asked === 'FULL_OBJECT' ? 'FULL_OBJECT' : 'COMPOSITE' };
}
