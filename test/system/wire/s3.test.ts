import { describeWire } from '../../support/wire/wire-suite.ts';

/**
 * SDK clients try three times: a fault that strikes oftener fails the run, and its message comes again. Batches are as
 * deployed: an object that cannot be read must not hold up the others of its batch.
 */
describeWire(
  's3',
  {
    'a header read that is cut before S3': {
      operation: 'GetObject range',
      times: 2,
      fault: { kind: 'cut', when: 'before' },
    },
    'a header cut off in its middle': {
      operation: 'GetObject range',
      fault: { kind: 'cut', when: 'answer' },
    },
    'a header read that is slowed down for longer than a client is patient': {
      operation: 'GetObject range',
      times: 16,
      fault: { kind: 'throttle' },
    },
    'a page of the load balancer instead of a header': {
      operation: 'GetObject range',
      times: 2,
      fault: { kind: 'outage', status: 503 },
    },
    'a header that is shorter than its range, and says so': {
      operation: 'GetObject range',
      times: 3,
      fault: { kind: 'corrupt', how: 'shortened' },
    },
    'a header that is shorter than announced': {
      operation: 'GetObject range',
      times: 2,
      fault: { kind: 'corrupt', how: 'long_length' },
    },
    'a header that is longer than announced': {
      operation: 'GetObject range',
      fault: { kind: 'corrupt', how: 'short_length' },
    },
    'a listing that is no XML': {
      operation: 'ListObjectsV2',
      by: 'function',
      fault: { kind: 'corrupt', how: 'not_parsable' },
    },
    'a listing cut in half': {
      operation: 'ListObjectsV2',
      by: 'function',
      fault: { kind: 'corrupt', how: 'shortened' },
    },
    'a listing that is slowed down for longer than a client is patient': {
      operation: 'ListObjectsV2',
      by: 'function',
      times: 4,
      fault: { kind: 'throttle' },
    },
    'a file that breaks off on its way to Qure': {
      operation: 'GetObject',
      mentions: ['<uid>.1/1'],
      fault: { kind: 'cut', when: 'answer' },
    },
    'a file with a flipped bit on its way to Qure': {
      operation: 'GetObject',
      mentions: ['<uid>.1/1'],
      fault: { kind: 'corrupt', how: 'flipped' },
    },
    'a file whose checksum is that of another': {
      operation: 'GetObject',
      mentions: ['<uid>.1/1'],
      fault: { kind: 'corrupt', how: 'wrong_checksum' },
    },
    'a file that S3 is too busy for': {
      operation: 'GetObject',
      mentions: ['<uid>.1/1'],
      times: 4,
      fault: { kind: 'throttle' },
    },
    'a file that comes late': { operation: 'GetObject', fault: { kind: 'delay', when: 'after', ms: 1500 } },
    'a result that breaks off on its way to S3': {
      operation: 'PutObject',
      by: 'function',
      mentions: ['result.json'],
      fault: { kind: 'cut', when: 'request' },
    },
    'a stored result whose answer is lost': {
      operation: 'PutObject',
      by: 'function',
      times: 2,
      fault: { kind: 'cut', when: 'after' },
    },
    'a result that S3 is too busy for': {
      operation: 'PutObject',
      by: 'function',
      mentions: ['result.json'],
      times: 4,
      fault: { kind: 'throttle' },
    },
    'an asset that breaks off on its way to S3, again and again': {
      operation: 'PutObject',
      by: 'function',
      mentions: ['/files/'],
      times: 6,
      fault: { kind: 'cut', when: 'request' },
    },
    'an asset that is stored twice': {
      operation: 'PutObject',
      by: 'function',
      mentions: ['/files/'],
      fault: { kind: 'duplicate' },
    },
    'a dropped object whose answer is lost': {
      operation: 'PutObject',
      by: 'host',
      times: 2,
      fault: { kind: 'cut', when: 'after' },
    },
    'a dropped object that breaks off': {
      operation: 'PutObject',
      by: 'host',
      times: 2,
      fault: { kind: 'cut', when: 'request' },
    },
    'a dropped object that comes twice': {
      operation: 'PutObject',
      by: 'host',
      times: 3,
      fault: { kind: 'duplicate' },
    },
    'connections that are reset at once': {
      operation: 'connect',
      inThe: 'anywhere',
      times: 5,
      fault: { kind: 'cut', when: 'before' },
    },
  },
  { isUnbatched: false },
);
