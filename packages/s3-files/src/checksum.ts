import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Crc32, Crc32c, Crc64NvmeJs } from '@aws-sdk/checksums/crc';
import { crcCombiner } from './crc-combine.ts';
import { invalidRequest } from './s3-error.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */
export const CHECKSUM_ALGORITHMS = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

export interface Checksum {
  algorithm: ChecksumAlgorithm;
  /** Base64; of a composite one followed by `-` and the number of parts. */
  value: string;
  /** `COMPOSITE`: the checksum of the parts' checksums. */
  type: 'FULL_OBJECT' | 'COMPOSITE';
}

const DIGEST_BYTES: Record<ChecksumAlgorithm, number> = {
  crc32: 4,
  crc32c: 4,
  crc64nvme: 8,
  sha1: 20,
  sha256: 32,
};

export const checksumHeader = (algorithm: ChecksumAlgorithm) => `x-amz-checksum-${algorithm}`;
/** `crc32` → `ChecksumCRC32`, the name in the XML documents. */
export const checksumElement = (algorithm: ChecksumAlgorithm) => `Checksum${algorithm.toUpperCase()}`;

export function parseAlgorithm(name: string): ChecksumAlgorithm {
  const algorithm = CHECKSUM_ALGORITHMS.find((known) => known === name.toLowerCase());
  if (algorithm === undefined) {
    throw invalidRequest(
      'Checksum algorithm provided is unsupported. Please try again with any of the valid types.',
    );
  }
  return algorithm;
}

export interface RunningChecksum {
  update(chunk: Uint8Array): void;
  digest(): Promise<Uint8Array>;
}

export function runningChecksum(algorithm: ChecksumAlgorithm): RunningChecksum {
  switch (algorithm) {
    case 'crc32':
      return new Crc32();
    case 'crc32c':
      return new Crc32c();
    case 'crc64nvme':
      // Its other form needs the AWS Common Runtime, which is not installed.
      return new Crc64NvmeJs();
    default: {
      const hash = createHash(algorithm);
      return { update: (chunk) => void hash.update(chunk), digest: async () => hash.digest() };
    }
  }
}

export async function base64Of(running: RunningChecksum): Promise<string> {
  return Buffer.from(await running.digest()).toString('base64');
}

/** The checksums of a request's headers, each checked for its length. Throws InvalidRequest. */
export function checksumsOfHeaders(headers: IncomingHttpHeaders): Map<ChecksumAlgorithm, string> {
  const stated = new Map<ChecksumAlgorithm, string>();
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const value = headers[checksumHeader(algorithm)];
    if (typeof value === 'string') stated.set(algorithm, requireWellFormed(algorithm, value));
  }
  return stated;
}

/** Throws InvalidRequest unless `value` is base64 of the algorithm's length. */
export function requireWellFormed(algorithm: ChecksumAlgorithm, value: string): string {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length !== DIGEST_BYTES[algorithm] || bytes.toString('base64') !== value) {
    throw invalidRequest(`Value for ${checksumHeader(algorithm)} header is invalid.`);
  }
  return value;
}

/** By reversed polynomials. CRC-64/NVME: NVM Express specification 2.1, section 5.3.3.1.1. */
const combiners: Partial<Record<ChecksumAlgorithm, ReturnType<typeof crcCombiner>>> = {
  crc32: crcCombiner(0xedb88320n, 32),
  crc32c: crcCombiner(0x82f63b78n, 32),
  crc64nvme: crcCombiner(0x9a6c9329ac4bc9b5n, 64),
};

export interface PartChecksum {
  /** Base64. */
  value: string;
  sizeBytes: number;
}

/** The checksum of an object made of parts, or undefined for a full-object SHA, which parts cannot give. */
export async function combineChecksums(
  algorithm: ChecksumAlgorithm,
  type: Checksum['type'],
  parts: readonly PartChecksum[],
): Promise<Checksum | undefined> {
  const digests = parts.map((part) => Buffer.from(part.value, 'base64'));
  if (type === 'COMPOSITE') {
    const running = runningChecksum(algorithm);
    for (const digest of digests) running.update(digest);
    return { algorithm, type, value: `${await base64Of(running)}-${parts.length}` };
  }
  const combine = combiners[algorithm];
  if (combine === undefined) return undefined;
  let whole = 0n;
  digests.forEach((digest, index) => {
    whole = combine(whole, BigInt(`0x${digest.toString('hex')}`), parts[index]?.sizeBytes ?? 0);
  });
  const hex = whole.toString(16).padStart(DIGEST_BYTES[algorithm] * 2, '0');
  return { algorithm, type, value: Buffer.from(hex, 'hex').toString('base64') };
}
