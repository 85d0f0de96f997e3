import { createHash } from 'node:crypto';
import type { Segment } from './body-files.ts';
import { base64Of, type Checksum, checksumElement, parseAlgorithm, runningChecksum } from './checksum.ts';
import { writeCheck } from './conditions.ts';
import { openCopySource } from './copy-source.ts';
import { type ObjectExchange, type S3Services, sendXml } from './exchange.ts';
import { headersToStore } from './object-headers.ts';
import { storeObject } from './put-object.ts';
import { invalidArgument, invalidRequest } from './s3-error.ts';
import { leaf, xmlDocument } from './xml-writer.ts';

export async function copyObject(services: S3Services, exchange: ObjectExchange): Promise<void> {
  const { bucket, key, request, response } = exchange;
  const check = writeCheck(request.headers);
  const directive = request.headers['x-amz-metadata-directive'] ?? 'COPY';
  if (directive !== 'COPY' && directive !== 'REPLACE') {
    throw invalidArgument('Unknown metadata directive. Expected COPY or REPLACE.');
  }
  request.resume();
  services.objects.requireBucket(bucket);
  check(services.objects.find(bucket, key));
  const source = openCopySource(services, request.headers);
  try {
    const { object, segments } = source;
    if (directive === 'COPY' && source.bucket === bucket && object.key === key) {
      throw invalidRequest(
        'This copy request is illegal because it is trying to copy an object to itself without changing the ' +
          "object's metadata, storage class, website redirect location or encryption attributes.",
      );
    }
    const headers = directive === 'COPY' ? object.headers : headersToStore(request.headers);
    const asked = request.headers['x-amz-checksum-algorithm'];
    const kept = object.checksum?.type === 'FULL_OBJECT' ? object.checksum.algorithm : undefined;
    const algorithm = typeof asked === 'string' ? parseAlgorithm(asked) : kept;
    const copy = await copyBytes(services, segments, 0, object.sizeBytes, algorithm);
    const row = await storeObject(
      services,
      {
        bucket,
        key,
        etag: copy.md5,
        segments: [copy.segment],
        headers,
        eventName: 'ObjectCreated:Copy',
        ...(copy.checksum === undefined ? {} : { checksum: copy.checksum }),
      },
      check,
    );
    sendXml(
      response,
      xmlDocument(
        'CopyObjectResult',
        leaf('LastModified', new Date(row.modifiedMs).toISOString()),
        leaf('ETag', `"${row.etag}"`),
        row.checksum === undefined
          ? ''
          : leaf(checksumElement(row.checksum.algorithm), row.checksum.value) +
              leaf('ChecksumType', row.checksum.type),
      ),
    );
  } finally {
    source.release();
  }
}

/** Copies a range of an object into a new file; the caller holds the source's lease. */
export async function copyBytes(
  { bodies }: S3Services,
  segments: readonly Segment[],
  startByte: number,
  lengthBytes: number,
  algorithm: Checksum['algorithm'] | undefined,
): Promise<{ segment: Segment; md5: string; checksum?: Checksum }> {
  const md5 = createHash('md5');
  const running = algorithm === undefined ? undefined : runningChecksum(algorithm);
  async function* observed() {
    for await (const chunk of bodies.read(segments, startByte, lengthBytes)) {
      md5.update(chunk);
      running?.update(chunk);
      yield chunk;
    }
  }
  const segment = await bodies.write(observed());
  return {
    segment,
    md5: md5.digest('hex'),
    ...(algorithm === undefined || running === undefined
      ? {}
      : { checksum: { algorithm, value: await base64Of(running), type: 'FULL_OBJECT' as const } }),
  };
}
