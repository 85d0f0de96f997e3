import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { decodeAwsChunked } from './aws-chunked.ts';
import type { BodyFiles, Segment } from './body-files.ts';
import {
  base64Of,
  CHECKSUM_ALGORITHMS,
  type Checksum,
  type ChecksumAlgorithm,
  checksumHeader,
  checksumsOfHeaders,
  requireWellFormed,
  runningChecksum,
} from './checksum.ts';
import { incompleteBody, malformedXml, S3Error } from './s3-error.ts';

const MAX_XML_BYTES = 8 * 1024 * 1024;

export interface ReceivedBody {
  segment: Segment;
  /** Hexadecimal. */
  md5: string;
  /** The first checksum that the client stated, verified. */
  checksum?: Checksum;
}

/**
 * Streams a request's body into a file and verifies all statements of the request about it: length, Content-MD5,
 * x-amz-content-sha256, x-amz-checksum-* in headers or trailers. After any failure the file is removed.
 * @throws IncompleteBody, InvalidDigest, BadDigest, XAmzContentSHA256Mismatch and others as S3 does
 */
export async function receiveBody(bodies: BodyFiles, message: IncomingMessage): Promise<ReceivedBody> {
  const inspection = inspect(message, { wantsMd5: true, verifiesChecksums: true });
  const segment = await bodies.write(inspection.chunks);
  try {
    return { segment, ...(await inspection.verify()) };
  } catch (error) {
    await bodies.remove([segment]);
    throw error;
  }
}

/**
 * Reads the body of an XML request as text, verified as `receiveBody` does. Throws MalformedXML above 8 MiB.
 * @param checksumsAreOf the subject of the checksum headers: those of CompleteMultipartUpload are of the new object
 */
export async function receiveXml(
  message: IncomingMessage,
  checksumsAreOf: 'body' | 'object',
): Promise<string> {
  const inspection = inspect(message, { wantsMd5: false, verifiesChecksums: checksumsAreOf === 'body' });
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of inspection.chunks) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_XML_BYTES) throw malformedXml();
    chunks.push(chunk);
  }
  await inspection.verify();
  return Buffer.concat(chunks).toString('utf8');
}

function inspect(
  message: IncomingMessage,
  { wantsMd5, verifiesChecksums }: { wantsMd5: boolean; verifiesChecksums: boolean },
) {
  const { headers } = message;
  const contentSha256 = headers['x-amz-content-sha256'];
  const isAwsChunked =
    (typeof contentSha256 === 'string' && contentSha256.startsWith('STREAMING-')) ||
    /(^|,)\s*aws-chunked\s*(,|$)/i.test(headers['content-encoding'] ?? '');
  const promisedBytes = promisedLength(message, isAwsChunked);
  const promisedMd5 = contentMd5(message);
  const promisedSha256 =
    typeof contentSha256 === 'string' && /^[0-9a-f]{64}$/i.test(contentSha256)
      ? contentSha256.toLowerCase()
      : undefined;
  const stated = verifiesChecksums ? checksumsOfHeaders(headers) : new Map<ChecksumAlgorithm, string>();
  const inTrailer = verifiesChecksums ? algorithmsOfTrailer(message) : [];

  const trailers = new Map<string, string>();
  const md5 = wantsMd5 || promisedMd5 !== undefined ? createHash('md5') : undefined;
  const sha256 = promisedSha256 === undefined ? undefined : createHash('sha256');
  const running = new Map(
    [...new Set([...stated.keys(), ...inTrailer])].map((algorithm) => [
      algorithm,
      runningChecksum(algorithm),
    ]),
  );
  let receivedBytes = 0;

  // Without destroyOnReturn: false a refused body would end the connection before the refusal is sent.
  const source: AsyncIterable<Buffer> = message.iterator({ destroyOnReturn: false });
  async function* inspected(): AsyncGenerator<Buffer> {
    for await (const chunk of isAwsChunked ? decodeAwsChunked(source, trailers) : source) {
      receivedBytes += chunk.length;
      if (promisedBytes !== undefined && receivedBytes > promisedBytes) throw incompleteBody();
      md5?.update(chunk);
      sha256?.update(chunk);
      for (const checksum of running.values()) checksum.update(chunk);
      yield chunk;
    }
  }

  async function verify(): Promise<Omit<ReceivedBody, 'segment'>> {
    if (promisedBytes !== undefined && receivedBytes !== promisedBytes) throw incompleteBody();
    for (const algorithm of inTrailer) {
      const value = trailers.get(checksumHeader(algorithm));
      if (value === undefined) {
        throw new S3Error(400, 'MalformedTrailerError', `Expected the trailer ${checksumHeader(algorithm)}.`);
      }
      stated.set(algorithm, requireWellFormed(algorithm, value));
    }
    const actualMd5 = md5?.digest();
    if (promisedMd5 !== undefined && actualMd5?.equals(promisedMd5) !== true) {
      throw new S3Error(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.');
    }
    if (sha256 !== undefined && sha256.digest('hex') !== promisedSha256) {
      throw new S3Error(
        400,
        'XAmzContentSHA256Mismatch',
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
      );
    }
    for (const [algorithm, value] of stated) {
      const checksum = running.get(algorithm);
      if (checksum === undefined || (await base64Of(checksum)) !== value) {
        throw new S3Error(
          400,
          'BadDigest',
          `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
        );
      }
    }
    const [first] = stated;
    return {
      md5: actualMd5?.toString('hex') ?? '',
      ...(first === undefined
        ? {}
        : { checksum: { algorithm: first[0], value: first[1], type: 'FULL_OBJECT' as const } }),
    };
  }

  return { chunks: inspected(), verify };
}

function promisedLength(message: IncomingMessage, isAwsChunked: boolean): number | undefined {
  const decoded = message.headers['x-amz-decoded-content-length'];
  const stated = isAwsChunked ? decoded : message.headers['content-length'];
  if (typeof stated === 'string' && /^\d{1,15}$/.test(stated)) return Number(stated);
  if (isAwsChunked || message.headers['transfer-encoding'] === undefined) {
    throw new S3Error(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
  }
  return undefined;
}

function contentMd5(message: IncomingMessage): Buffer | undefined {
  const header = message.headers['content-md5'];
  if (typeof header !== 'string') return undefined;
  const bytes = Buffer.from(header, 'base64');
  if (bytes.length !== 16 || bytes.toString('base64') !== header) {
    throw new S3Error(400, 'InvalidDigest', 'The Content-MD5 you specified is not valid.');
  }
  return bytes;
}

function algorithmsOfTrailer(message: IncomingMessage): ChecksumAlgorithm[] {
  const header = message.headers['x-amz-trailer'];
  const names = (typeof header === 'string' ? header : '')
    .split(',')
    .map((name) => name.trim().toLowerCase());
  return CHECKSUM_ALGORITHMS.filter((algorithm) => names.includes(checksumHeader(algorithm)));
}
