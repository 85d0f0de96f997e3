import { describeWire, type WireRow } from '../../support/wire/wire-suite.ts';

/** A save of the series row of the first CT: `nth` is complete, upload, claim, computing, done, and what lies between. */
const save = (nth: number, fault: WireRow['fault'], times = 1): WireRow => ({
  operation: 'PutItem',
  by: 'function',
  mentions: ['<uid>.1"', 'version = :version'],
  nth,
  times,
  fault,
});

/** The answer to a write is lost: the SDK writes again, and its condition then meets what the first has written. */
const lostAnswers = Object.fromEntries(
  [1, 2, 3, 4, 5, 6, 7].map((nth) => [
    `save ${nth} of a series whose answer is lost`,
    save(nth, { kind: 'cut', when: 'after' }),
  ]),
);

describeWire('dynamodb', {
  ...lostAnswers,
  'a save that reaches the table twice': save(1, { kind: 'duplicate' }),
  'a save that takes the series to Qure twice': save(4, { kind: 'duplicate' }),
  'a save that is refused for longer than a client is patient': save(2, { kind: 'throttle' }, 4),
  // No SDK tries that again: the run fails between its save and what follows.
  'a save whose answer is no JSON': save(3, { kind: 'corrupt', how: 'not_parsable' }),
  'the first row of a series whose answer is lost': {
    operation: 'UpdateItem',
    by: 'function',
    mentions: ['<uid>.1"'],
    fault: { kind: 'cut', when: 'after' },
  },
  'the first row of a series that is written twice': {
    operation: 'UpdateItem',
    by: 'function',
    fault: { kind: 'duplicate' },
  },
  'instance rows of which none is taken': {
    operation: 'BatchWriteItem',
    times: 3,
    fault: { kind: 'partial' },
  },
  'instance rows that are refused for longer than a client is patient': {
    operation: 'BatchWriteItem',
    times: 4,
    fault: { kind: 'throttle' },
  },
  'instance rows whose answer is lost': {
    operation: 'BatchWriteItem',
    times: 2,
    fault: { kind: 'cut', when: 'after' },
  },
  'instance rows that break off': { operation: 'BatchWriteItem', fault: { kind: 'cut', when: 'request' } },
  'known rows of which none is read': { operation: 'BatchGetItem', times: 2, fault: { kind: 'partial' } },
  'known rows that come in half': { operation: 'BatchGetItem', fault: { kind: 'cut', when: 'answer' } },
  'known rows that come in half, with a fitting length': {
    operation: 'BatchGetItem',
    fault: { kind: 'corrupt', how: 'shortened' },
  },
  'a count that breaks off': { operation: 'Query', by: 'function', fault: { kind: 'cut', when: 'answer' } },
  'a count that is refused for longer than a client is patient': {
    operation: 'Query',
    by: 'function',
    times: 4,
    fault: { kind: 'throttle' },
  },
  'a page of the load balancer instead of a row': {
    operation: 'GetItem',
    by: 'function',
    times: 2,
    fault: { kind: 'outage', status: 503 },
  },
  'a row that is shorter than announced': {
    operation: 'GetItem',
    by: 'function',
    fault: { kind: 'corrupt', how: 'long_length' },
  },
  'a row that is longer than announced': {
    operation: 'GetItem',
    by: 'function',
    fault: { kind: 'corrupt', how: 'short_length' },
  },
  'a row that comes late': {
    operation: 'GetItem',
    by: 'function',
    fault: { kind: 'delay', when: 'after', ms: 1500 },
  },
  'connections that are reset at once': {
    operation: 'connect',
    inThe: 'anywhere',
    times: 5,
    fault: { kind: 'cut', when: 'before' },
  },
});
