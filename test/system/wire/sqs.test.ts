import { describeWire } from '../../support/wire/wire-suite.ts';

/** Messages of one queue that a poller has taken. */
const taken = (queue: string) => ({
  operation: 'ReceiveMessage',
  by: 'host' as const,
  inThe: 'answer' as const,
  mentions: [queue],
});

/** By functions: what they leave for the next stage. By the host: what Lambda's pollers do in the cloud. */
describeWire('sqs', {
  'a message that is cut on its way': {
    operation: 'SendMessage',
    times: 2,
    fault: { kind: 'cut', when: 'request' },
  },
  'a message whose answer is lost': {
    operation: 'SendMessage',
    mentions: ['<uid>.1'],
    times: 2,
    fault: { kind: 'cut', when: 'after' },
  },
  'the second message whose answer is lost': {
    operation: 'SendMessage',
    mentions: ['<uid>.1'],
    nth: 2,
    fault: { kind: 'cut', when: 'after' },
  },
  'the third message whose answer is lost': {
    operation: 'SendMessage',
    mentions: ['<uid>.1'],
    nth: 3,
    fault: { kind: 'cut', when: 'after' },
  },
  'a message that is queued twice': { operation: 'SendMessage', times: 3, fault: { kind: 'duplicate' } },
  // Saved as complete, and the marker's message, which comes again, sends what is missing.
  'the job of a series that is refused for longer than a client is patient': {
    operation: 'SendMessage',
    mentions: ['<uid>.1', 'tries'],
    times: 3,
    fault: { kind: 'throttle' },
  },
  'the first poll that is refused for longer than a client is patient': {
    operation: 'SendMessage',
    mentions: ['<uid>.1', 'polls'],
    times: 4,
    fault: { kind: 'throttle' },
  },
  'a page of the load balancer instead of an answer': {
    operation: 'SendMessage',
    mentions: ['<uid>.1'],
    times: 2,
    fault: { kind: 'outage', status: 502 },
  },
  'an answer that is no JSON': {
    operation: 'SendMessage',
    mentions: ['<uid>.1'],
    fault: { kind: 'corrupt', how: 'not_parsable' },
  },
  'an answer with the checksum of another message': {
    operation: 'SendMessage',
    mentions: ['<uid>.1'],
    nth: 2,
    fault: { kind: 'corrupt', how: 'wrong_checksum' },
  },
  'a message that comes late': {
    operation: 'SendMessage',
    mentions: ['<uid>.1'],
    fault: { kind: 'delay', when: 'before', ms: 1500 },
  },
  'a job that is taken and never arrives': {
    ...taken('ComputeQueue'),
    fault: { kind: 'cut', when: 'after' },
  },
  'a job that breaks off': { ...taken('ComputeQueue'), fault: { kind: 'cut', when: 'answer' } },
  'a job with a flipped bit': { ...taken('ComputeQueue'), fault: { kind: 'corrupt', how: 'flipped' } },
  'a poll with the checksum of another': {
    ...taken('ResultsPollingQueue'),
    fault: { kind: 'corrupt', how: 'wrong_checksum' },
  },
  'S3 events that are taken and never arrive': {
    ...taken('IngestQueue'),
    fault: { kind: 'cut', when: 'after' },
  },
  'polls that are refused': {
    operation: 'ReceiveMessage',
    by: 'host',
    inThe: 'anywhere',
    times: 6,
    fault: { kind: 'throttle' },
  },
  'worked messages that are not deleted': {
    operation: 'DeleteMessageBatch',
    by: 'host',
    inThe: 'anywhere',
    times: 4,
    fault: { kind: 'throttle' },
  },
  'worked messages of which none is deleted': {
    operation: 'DeleteMessageBatch',
    by: 'host',
    inThe: 'anywhere',
    times: 3,
    fault: { kind: 'partial' },
  },
  'deleted messages whose answer is lost': {
    operation: 'DeleteMessageBatch',
    by: 'host',
    inThe: 'anywhere',
    times: 2,
    fault: { kind: 'cut', when: 'after' },
  },
  'connections that are reset at once': {
    operation: 'connect',
    inThe: 'anywhere',
    times: 5,
    fault: { kind: 'cut', when: 'before' },
  },
});
