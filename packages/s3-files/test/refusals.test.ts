import { describe, expect, it } from 'vitest';
import { asS3Error, noSuchKey, S3Error } from '../src/s3-error.ts';
import { requireUnexpired } from '../src/signature.ts';

describe('presigned expiry at 12:00:00', () => {
  const now = Date.parse('2026-01-01T12:00:00Z');
  it.each([
    ['no signature', 'x=1', 'accepted'],
    ['within its time', 'X-Amz-Date=20260101T115900Z&X-Amz-Expires=60', 'accepted'],
    ['one second too late', 'X-Amz-Date=20260101T115859Z&X-Amz-Expires=60', 'AccessDenied'],
    ['without a date', 'X-Amz-Expires=60', 'AuthorizationQueryParametersError'],
    [
      'with a date that is none',
      'X-Amz-Date=20261301T000000Z&X-Amz-Expires=60',
      'AuthorizationQueryParametersError',
    ],
    [
      'for more than a week',
      'X-Amz-Date=20260101T115900Z&X-Amz-Expires=604801',
      'AuthorizationQueryParametersError',
    ],
    ['version 2 within its time', `Signature=x&Expires=${now / 1000}`, 'accepted'],
    ['version 2 too late', `Signature=x&Expires=${now / 1000 - 1}`, 'AccessDenied'],
  ])('%s', (_name, query, expected) => {
    let outcome = 'accepted';
    try {
      requireUnexpired(new URLSearchParams(query), now);
    } catch (error) {
      outcome = error instanceof S3Error ? error.code : String(error);
    }
    expect(outcome).toBe(expected);
  });
});

describe('what a client is told', () => {
  it.each([
    ['a refusal', noSuchKey(), '404 NoSuchKey'],
    [
      'a full disk',
      Object.assign(new Error('ENOSPC: /secret/path'), { code: 'ENOSPC' }),
      '507 InsufficientStorage',
    ],
    ['a full quota', Object.assign(new Error('EDQUOT'), { code: 'EDQUOT' }), '507 InsufficientStorage'],
    [
      'a full disk below SQLite',
      Object.assign(new Error('full'), { errcode: 13 }),
      '507 InsufficientStorage',
    ],
    ['anything else', new Error('at /secret/path'), '500 InternalError'],
  ])('%s', (_name, error, expected) => {
    const told = asS3Error(error);
    expect(`${told.status} ${told.code}`).toBe(expected);
    expect(told.message).not.toContain('secret');
  });
});
