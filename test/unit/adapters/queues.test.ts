import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  createQueues,
  createWaitingDropsCounter,
  type QueueUrls,
} from '../../../functions/adapters/queues.ts';
import { parseSourcesDocument } from '../../../functions/core/sources-document.ts';

const sqs = mockClient(SQSClient);
beforeEach(() => {
  sqs.reset();
});

const client = sqs as unknown as SQSClient;
const ALL = {
  completion: 'https://completion',
  compute: 'https://compute',
  results: 'https://results',
  urgentCompute: 'https://urgent-compute',
  urgentResults: 'https://urgent-results',
};
const TRACE = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1';
const work = { source: 'siteA', seriesInstanceUid: '1.2', ticket: 3 };
const urgent = { ...work, priority: 'urgent' as const };
const polls = { polls: 1, failures: 0, assetTries: 0 };
type Sending = (urls: QueueUrls) => Promise<void>;
const SENDINGS: [keyof QueueUrls, object, Sending][] = [
  [
    'completion',
    { kind: 'quiet', ...work },
    (urls) => createQueues(client, urls, () => TRACE).sendCompletion({ kind: 'quiet', ...work }, 7),
  ],
  [
    'compute',
    { ...work, tries: 2 },
    (urls) => createQueues(client, urls, () => TRACE).sendCompute({ ...work, tries: 2 }, 7),
  ],
  [
    'urgentCompute',
    { ...urgent, tries: 2 },
    (urls) => createQueues(client, urls, () => TRACE).sendCompute({ ...urgent, tries: 2 }, 7),
  ],
  [
    'results',
    { ...work, ...polls },
    (urls) => createQueues(client, urls, () => TRACE).sendResults({ ...work, ...polls }, 7),
  ],
  [
    'urgentResults',
    { ...urgent, ...polls },
    (urls) => createQueues(client, urls, () => TRACE).sendResults({ ...urgent, ...polls }, 7),
  ],
];

describe.each(SENDINGS)('the %s queue', (name, message, send) => {
  it('gets the message with its delay, in the group of its source', async () => {
    sqs.on(SendMessageCommand).resolves({});
    await send(ALL);
    const input = sqs.commandCalls(SendMessageCommand)[0]?.args[0].input;
    expect(input).toMatchObject({ QueueUrl: ALL[name], DelaySeconds: 7, MessageGroupId: 'siteA' });
    expect(JSON.parse(input?.MessageBody ?? '')).toEqual(message);
    expect(input?.MessageSystemAttributes).toEqual({
      AWSTraceHeader: { DataType: 'String', StringValue: TRACE },
    });
  });

  it('is a mistake in the wiring where the function was not given it', async () => {
    const { [name]: _left, ...others } = ALL;
    await expect(send(others)).rejects.toThrow(`${name} queue`);
    expect(sqs.calls()).toHaveLength(0);
  });

  it('throws what SQS throws', async () => {
    sqs.on(SendMessageCommand).rejects(new Error('throttled'));
    await expect(send(ALL)).rejects.toThrow('throttled');
  });
});

it('the longest and oddest name of a source is a message group that SQS takes', () => {
  const name = `a.-_${'z9'.repeat(29)}0`;
  expect(name).toHaveLength(63);
  const [configured] = parseSourcesDocument({ sources: { [name]: {} } });
  expect(configured?.source.name).toBe(name);
  // Source: Amazon SQS API, SendMessage: up to 128 letters, digits and punctuation.
  expect(name).toMatch(/^[a-zA-Z0-9!"#$%&'()*+,./:;<=>?@[\\\]^_`{|}~-]{1,128}$/);
});

it.each<[string, Record<string, string> | undefined, number]>([
  [
    'waiting and being worked on',
    { ApproximateNumberOfMessages: '3', ApproximateNumberOfMessagesNotVisible: '4' },
    7,
  ],
  ['only waiting', { ApproximateNumberOfMessages: '3' }, 3],
  ['nothing known', undefined, 0],
])('counts the drops that wait: %s', async (_name, Attributes, expected) => {
  sqs.on(GetQueueAttributesCommand).resolves(Attributes === undefined ? {} : { Attributes });
  expect(await createWaitingDropsCounter(client, 'https://ingest')()).toBe(expected);
});
