import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs';
import { counts, FOR_LONG, failureOf, next, receive } from './queue-calls.ts';
import { type ConformanceCase, eventually, type QueueWorld } from './world.ts';

const entriesOf = (count: number, body = 'body'): SendMessageBatchRequestEntry[] =>
  Array.from({ length: count }, (_, at) => ({ Id: String(at), MessageBody: `${body}${at}` }));

const AWSTraceHeader = {
  DataType: 'String',
  StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
};

export const queueBatchCases: readonly ConformanceCase<QueueWorld>[] = [
  {
    name: 'a batch of ten is taken, each with its delay and trace',
    expected: [10, 0, '9 visible, 0 hidden, 1 delayed'],
    run: async (world) => {
      const { url: QueueUrl } = world.freshQueue();
      const Entries = entriesOf(10).map((entry, at) =>
        at === 3
          ? { ...entry, DelaySeconds: FOR_LONG }
          : { ...entry, MessageSystemAttributes: { AWSTraceHeader } },
      );
      const answer = await world.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      return [answer.Successful?.length, answer.Failed?.length ?? 0, await counts(world, QueueUrl)];
    },
  },
  {
    name: 'a malformed batch is refused whole',
    expected: [
      '400 TooManyEntriesInBatchRequest',
      '400 EmptyBatchRequest',
      '400 BatchEntryIdsNotDistinct',
      '400 InvalidBatchEntryId',
      '400 BatchRequestTooLong',
      '0 visible, 0 hidden, 0 delayed',
    ],
    run: async (world) => {
      const { url: QueueUrl } = world.freshQueue();
      const sendAll = (Entries: SendMessageBatchRequestEntry[]) =>
        failureOf(world.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries })));
      return [
        await sendAll(entriesOf(11)),
        await sendAll([]),
        await sendAll([...entriesOf(1), ...entriesOf(1)]),
        await sendAll([{ Id: 'no id', MessageBody: 'body' }]),
        await sendAll(entriesOf(2, 'x'.repeat(600 * 1024))),
        await counts(world, QueueUrl),
      ];
    },
  },
  {
    name: 'an entry that is refused fails alone',
    expected: [['0'], ['1'], '1 visible, 0 hidden, 0 delayed'],
    run: async (world) => {
      const { url: QueueUrl } = world.freshQueue();
      const Entries = entriesOf(2).map((entry, at) => ({ ...entry, DelaySeconds: at * 901 }));
      const answer = await world.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      return [
        answer.Successful?.map(({ Id }) => Id),
        answer.Failed?.map(({ Id }) => Id),
        await counts(world, QueueUrl),
      ];
    },
  },
  {
    name: 'batches over receipts: one is shown again, one is deleted',
    expected: [['0'], ['0'], '0 visible, 1 hidden, 0 delayed'],
    run: async (world) => {
      const { url: QueueUrl } = world.freshQueue();
      await world.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: entriesOf(2) }));
      const held: Message[] = [];
      await eventually(world, async () => {
        held.push(...(await receive(world, QueueUrl)));
        return held.length === 2 ? true : undefined;
      });
      const entry = (at: number) => ({ Id: '0', ReceiptHandle: held[at]?.ReceiptHandle });
      const shown = await world.sqs.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl,
          Entries: [{ ...entry(0), VisibilityTimeout: 0 }],
        }),
      );
      const deleted = await world.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: [entry(1)] }));
      await next(world, QueueUrl);
      const ids = (answer: { Successful?: { Id?: string | undefined }[] | undefined }) =>
        answer.Successful?.map(({ Id }) => Id);
      return [ids(shown), ids(deleted), await counts(world, QueueUrl)];
    },
  },
];
