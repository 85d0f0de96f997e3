import { describe, expect, it } from 'vitest';
import { parseDeadLetterQueues } from '../../../functions/recovery/dead-letters/dead-letter.ts';
import { ENV } from '../../../functions/shared/environment.ts';
import { type Json, resolveIntrinsics } from '../../../local/cloud/intrinsics.ts';
import { synthesize } from './synthesized-template.ts';

const template = synthesize();

/** What a function reads of the variable, resolved as on one machine. */
function toldOf(fn: string) {
  const [, { Properties }] = template.one('AWS::Lambda::Function', `DropoffFunctions${fn}Function`);
  const { Variables } = Properties.Environment as { Variables: Record<string, Json> };
  const value = Variables[ENV.deadLetterQueues];
  if (value === undefined) return undefined;
  const lookUp = (id: string) => ({
    ref: `https://sqs/account/${id}`,
    attributes: { Arn: `arn:sqs:${id}`, QueueName: id },
  });
  return parseDeadLetterQueues(String(resolveIntrinsics(value, lookUp, fn)));
}

/** Of each mapping: the queue that it takes from, and the function it takes for. */
const mappings = template.ofType('AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => ({
  queueId: template.referencesOf(Properties.EventSourceArn)[0] ?? '',
  functionId: template.referencesOf(Properties.FunctionName)[0] ?? '',
}));

describe('a function that takes from queues', () => {
  it.each(mappings)(
    'has $queueId, its dead letters and its receives in its environment',
    ({ queueId, functionId }) => {
      const fn = functionId.replace(/^DropoffFunctions/, '').replace(/Function[0-9A-F]*$/, '');
      const [, queue] = template.one('AWS::SQS::Queue', queueId);
      const { deadLetterTargetArn, maxReceiveCount } = queue.Properties['RedrivePolicy'] as {
        deadLetterTargetArn: unknown;
        maxReceiveCount: number;
      };
      const [deadId] = template.referencesOf(deadLetterTargetArn);
      expect(toldOf(fn)).toContainEqual({
        stage: expect.any(String),
        queueArn: `arn:sqs:${queueId}`,
        queueUrl: `https://sqs/account/${queueId}`,
        deadLetterUrl: `https://sqs/account/${deadId}`,
        maxReceives: maxReceiveCount,
      });
    },
  );
});

it('gives the API every queue, each under its own stage', () => {
  const told = toldOf('ServeApi') ?? [];
  expect(told.map(({ queueArn }) => queueArn).toSorted()).toEqual(
    mappings.map(({ queueId }) => `arn:sqs:${queueId}`).toSorted(),
  );
  expect(new Set(told.map(({ stage }) => stage)).size).toBe(told.length);
});

it('gives a function that consumes no queue none', () => {
  expect(toldOf('Sweep')).toBeUndefined();
});

it.each(['', '[]', '{"arn":"a:b","url":"u/b","queues":[{"stage":"ingest"}]}'])(
  'is refused as %s, with what it should be',
  (text) => {
    expect(() => parseDeadLetterQueues(text)).toThrow(/expected JSON of \{arn, url, queues:/);
  },
);
