import { ProvisionedThroughputExceededException } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { EventsRefusedError } from '../../../functions/aws/event-publisher.ts';
import { MalformedMessageError } from '../../../functions/aws/lambda/sqs-batch.ts';
import { UnprocessedItemsError } from '../../../functions/aws/table/batches.ts';
import { SourceContendedError } from '../../../functions/aws/table/source-state-store.ts';
import { UnindexedObjectError } from '../../../functions/completion/covered-series.ts';
import { ObjectKeepsChangingError } from '../../../functions/ingest/read-dicom-header.ts';
import { RowContendedError } from '../../../functions/series/retry-on-conflict.ts';
import {
  causeOf,
  type DeadLetterCause,
  isForDeadLetters,
} from '../../../functions/shared/dead-letter-cause.ts';
import { UnknownSourceError } from '../../../functions/sources/sources-document.ts';

const named = (name: string, more: object = {}) =>
  Object.assign(new Error('scans/Müller^Jörg/1 failed'), { name }, more);
const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });

const CAUSES: { name: string; error: unknown; cause: DeadLetterCause }[] = [
  { name: 'a malformed message', error: new MalformedMessageError('x'), cause: 'malformed_message' },
  { name: 'an unknown source', error: new UnknownSourceError('x'), cause: 'unknown_source' },
  { name: 'a row under contention', error: new RowContendedError('x'), cause: 'row_contended' },
  {
    name: 'the row of a source under contention',
    error: new SourceContendedError('x'),
    cause: 'row_contended',
  },
  { name: 'an object that keeps changing', error: new ObjectKeepsChangingError(), cause: 'object_changing' },
  { name: 'a marker that stays unsettled', error: new UnindexedObjectError('x'), cause: 'marker_incomplete' },
  { name: 'unprocessed items', error: new UnprocessedItemsError('x'), cause: 'table_unavailable' },
  { name: 'refused events', error: new EventsRefusedError('x'), cause: 'events_unavailable' },
  { name: 'S3 that slows down', error: named('SlowDown', status(503)), cause: 'throttled' },
  {
    name: 'a throttled table',
    error: new ProvisionedThroughputExceededException({ message: 'x', $metadata: {} }),
    cause: 'throttled',
  },
  { name: 'a throttled account', error: named('RequestLimitExceeded'), cause: 'throttled' },
  { name: 'too many calls', error: named('ThrottlingException', status(400)), cause: 'throttled' },
  { name: 'a throttled key', error: named('KmsThrottled'), cause: 'throttled' },
  { name: 'a disabled key', error: named('KmsDisabled'), cause: 'key_unavailable' },
  { name: 'a key denied', error: named('KMSAccessDeniedException'), cause: 'key_unavailable' },
  { name: 'access denied by S3', error: named('AccessDenied', status(403)), cause: 'access_denied' },
  { name: 'access denied by DynamoDB', error: named('AccessDeniedException'), cause: 'access_denied' },
  { name: 'an expired session', error: named('ExpiredTokenException'), cause: 'access_denied' },
  { name: 'no table', error: named('ResourceNotFoundException'), cause: 'resource_missing' },
  { name: 'no bucket', error: named('NoSuchBucket', status(404)), cause: 'resource_missing' },
  { name: 'no queue', error: named('QueueDoesNotExist'), cause: 'resource_missing' },
  {
    name: 'a table that fails',
    error: named('InternalServerError', status(500)),
    cause: 'service_unavailable',
  },
  { name: 'a service that fails', error: named('Whatever', status(503)), cause: 'service_unavailable' },
  { name: 'a reset', error: named('Error', { code: 'ECONNRESET' }), cause: 'network' },
  { name: 'a name not found', error: named('Error', { code: 'ENOTFOUND' }), cause: 'network' },
  { name: 'a time-out', error: named('TimeoutError'), cause: 'network' },
  {
    name: 'the cause of an error',
    error: new Error('x', { cause: named('SlowDown') }),
    cause: 'throttled',
  },
  { name: 'a bug', error: new TypeError('undefined is not a function'), cause: 'internal_error' },
  { name: 'a name like a property of objects', error: named('constructor'), cause: 'internal_error' },
  { name: 'what is no error', error: 'throttled', cause: 'internal_error' },
];

describe('the cause of a failure', () => {
  test.each(CAUSES)('$name: $cause', ({ error, cause }) => {
    expect(causeOf(error)).toBe(cause);
  });
});

describe('a message is given up', () => {
  test.each<{ name: string; cause: DeadLetterCause; receives: number; isNow: boolean }>([
    { name: 'at its last receive', cause: 'throttled', receives: 5, isNow: true },
    { name: 'after it, should SQS be late', cause: 'throttled', receives: 6, isNow: true },
    { name: 'never before', cause: 'internal_error', receives: 4, isNow: false },
    { name: 'at once when it is malformed', cause: 'malformed_message', receives: 1, isNow: true },
    { name: 'at once when it is no S3 event', cause: 'not_s3_event', receives: 1, isNow: true },
    { name: 'at once when it is of another bucket', cause: 'foreign_bucket', receives: 1, isNow: true },
  ])('$name', ({ cause, receives, isNow }) => {
    expect(isForDeadLetters(cause, receives, 5)).toBe(isNow);
  });
});
