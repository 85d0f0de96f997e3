import type { IncomingHttpHeaders } from 'node:http';
import { noSuchKey, preconditionFailed, S3Error } from './s3-error.ts';

export interface Validators {
  /** Without quotes. */
  etag: string;
  /** Milliseconds since 1970, whole seconds. */
  modifiedMs: number;
}

export interface ReadConditions {
  ifMatch?: string | undefined;
  ifNoneMatch?: string | undefined;
  ifModifiedSince?: string | undefined;
  ifUnmodifiedSince?: string | undefined;
}

/**
 * Judges a conditional read in the order of RFC 9110 section 13.2.2: an entity tag has precedence over the date beside
 * it. A malformed date is ignored.
 */
export function judgeRead(
  conditions: ReadConditions,
  object: Validators,
): 'proceed' | 'not modified' | 'failed' {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  if (ifMatch !== undefined) {
    if (!matchesEtag(ifMatch, object.etag)) return 'failed';
  } else if (ifUnmodifiedSince !== undefined && object.modifiedMs > Date.parse(ifUnmodifiedSince)) {
    return 'failed';
  }
  if (ifNoneMatch !== undefined) {
    if (matchesEtag(ifNoneMatch, object.etag)) return 'not modified';
  } else if (ifModifiedSince !== undefined && object.modifiedMs <= Date.parse(ifModifiedSince)) {
    return 'not modified';
  }
  return 'proceed';
}

/**
 * Returns the check of a conditional write, for use within the transaction that writes.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html The check throws PreconditionFailed, or
 * NoSuchKey for If-Match without an object.
 */
export function writeCheck(headers: IncomingHttpHeaders): (current: Validators | undefined) => void {
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch.trim() !== '*') {
    throw new S3Error(
      501,
      'NotImplemented',
      'Expected If-None-Match: * on a write; S3 takes no other value.',
    );
  }
  return (current) => {
    if (ifNoneMatch !== undefined && current !== undefined) throw preconditionFailed('If-None-Match');
    if (ifMatch === undefined) return;
    if (current === undefined) throw noSuchKey();
    if (!matchesEtag(ifMatch, current.etag)) throw preconditionFailed('If-Match');
  };
}

/** Whether a list of entity tags contains this one. Some clients omit the quotes. */
export function matchesEtag(list: string, etag: string): boolean {
  return list.split(',').some((item) => {
    const tag = item
      .trim()
      .replace(/^W\//, '')
      .replace(/^"(.*)"$/, '$1');
    return tag === '*' || tag === etag;
  });
}
