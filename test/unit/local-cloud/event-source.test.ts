import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { EventSource } from '../../../local/lambda/event-source.ts';
import type { LambdaFunction } from '../../../local/lambda/function-host.ts';

const message = (body: string): Message => ({
  MessageId: body,
  ReceiptHandle: `receipt of ${body}`,
  Body: body,
});

/** A queue that answers each receive with the next of these; after them nothing comes any more. */
function scriptedQueue(answers: (Message[] | Error)[]) {
  const deleted: string[] = [];
  const idle = Promise.withResolvers<{ Messages: Message[] }>();
  const send = async (command: unknown): Promise<unknown> => {
    if (command instanceof DeleteMessageBatchCommand) {
      for (const { ReceiptHandle: receipt = '' } of command.input.Entries ?? []) deleted.push(receipt);
      return {};
    }
    if (!(command instanceof ReceiveMessageCommand)) throw new Error('expected a receive or a deletion');
    const answer = answers.shift();
    if (answer === undefined) return idle.promise;
    if (answer instanceof Error) throw answer;
    return { Messages: answer };
  };
  return { sqs: { send } as unknown as SQSClient, deleted, end: () => idle.resolve({ Messages: [] }) };
}

const LOST = new Error('connection lost');
const ROWS: { name: string; answers: (Message[] | Error)[]; batches: string[][]; problems: number }[] = [
  {
    name: 'all that came within the window',
    answers: [[message('a')], [message('b')], [message('c')]],
    batches: [['a', 'b', 'c']],
    problems: 0,
  },
  {
    name: 'what was gathered when the second receive fails',
    answers: [[message('a')], LOST, [message('b'), message('c'), message('d')]],
    batches: [['a'], ['b', 'c', 'd']],
    problems: 1,
  },
  {
    name: 'what was gathered when the third receive fails',
    answers: [[message('a')], [message('b')], LOST],
    batches: [['a', 'b']],
    problems: 1,
  },
  {
    name: 'nothing when the first receive fails, and what comes after it',
    answers: [LOST, [message('a'), message('b'), message('c')]],
    batches: [['a', 'b', 'c']],
    problems: 1,
  },
];

describe('an event source delivers', () => {
  it.each(ROWS)('$name', async ({ answers, batches, problems }) => {
    const { sqs, deleted, end } = scriptedQueue([...answers]);
    const expected = batches.flat();
    const invoked: string[][] = [];
    const told: string[] = [];
    const all = Promise.withResolvers<void>();
    const invoke = async (payload: string) => {
      const bodies = (JSON.parse(payload) as SQSEvent).Records.map(({ body }) => body);
      invoked.push(bodies);
      if (invoked.flat().length === expected.length) all.resolve();
      return '{"batchItemFailures":[]}';
    };
    const source = new EventSource({
      mapping: {
        logicalId: 'Mapping',
        functionName: 'work',
        queueArn: 'arn:aws:sqs:eu-central-1:000000000000:work',
        batchSize: 3,
        windowSeconds: 3600,
        reportsItemFailures: true,
        maximumConcurrency: 2,
      },
      queueUrl: 'http://127.0.0.1/queue',
      sqs,
      lambda: { invoke } as unknown as LambdaFunction,
      maxConcurrency: 2,
      onProblem: (problem) => told.push(problem),
    });
    await all.promise;
    const stopped = source.stop();
    end();
    await stopped;
    await source.drained();
    expect(invoked).toEqual(batches);
    expect(deleted).toEqual(expected.map((body) => `receipt of ${body}`));
    expect(told).toEqual(Array(problems).fill('cannot receive: connection lost'));
  });
});
