import { ChangeMessageVisibilityCommand, DeleteMessageCommand, type Message } from '@aws-sdk/client-sqs';
import { counts, FOR_LONG, failureOf, handleOf, next, receive, send } from './queue-calls.ts';
import { type ConformanceCase, eventually, type QueueWorld } from './world.ts';

const TRACE = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
const MessageSystemAttributes = { AWSTraceHeader: { DataType: 'String', StringValue: TRACE } };

/** All bodies that can be had now; SQS may need several asks. */
async function bodies(world: QueueWorld, url: string, count: number): Promise<string[]> {
  const found: string[] = [];
  await eventually(world, async () => {
    found.push(...(await receive(world, url)).map(({ Body = '' }) => Body));
    return found.length >= count ? true : undefined;
  });
  return found.sort();
}

export const queueCases: readonly ConformanceCase<QueueWorld>[] = [
  {
    name: 'a message with its attributes',
    expected: [
      'body',
      '1',
      { cause: { DataType: 'String', StringValue: 'c' }, n: { DataType: 'Number', StringValue: '5' } },
      true,
    ],
    run: async (world) => {
      const { url } = world.freshQueue();
      const n = { DataType: 'Number', StringValue: '5' };
      const MessageAttributes = { cause: { DataType: 'String', StringValue: 'c' }, n };
      const { MessageId } = await send(world, url, { MessageAttributes });
      const message = await next(world, url);
      const { ApproximateReceiveCount } = message.Attributes ?? {};
      const isSame = message.MessageId === MessageId;
      return [message.Body, ApproximateReceiveCount, message.MessageAttributes, isSame];
    },
  },
  {
    name: 'the group of a message, kept in the dead-letter queue too',
    expected: ['ct', 'ct'],
    run: async (world) => {
      const { url, deadUrl } = world.freshQueue();
      await send(world, url, { MessageGroupId: 'ct' });
      const first = await next(world, url, 1);
      await next(world, url, 1);
      const dead = await eventually(world, async () => {
        const again = await receive(world, url, 1);
        return again.length > 0 ? undefined : (await receive(world, deadUrl))[0];
      });
      return [first.Attributes?.MessageGroupId, dead.Attributes?.MessageGroupId];
    },
  },
  {
    name: 'a message with its trace is taken',
    expected: ['body'],
    run: async (world) => {
      const { url } = world.freshQueue();
      await send(world, url, { MessageSystemAttributes });
      return [(await next(world, url)).Body];
    },
  },
  {
    name: 'the trace of a message, kept in the dead-letter queue too',
    expected: [TRACE, TRACE],
    run: async (world) => {
      const { url, deadUrl } = world.freshQueue();
      await send(world, url, { MessageSystemAttributes });
      const first = await next(world, url, 1);
      await next(world, url, 1);
      const dead = await eventually(world, async () => {
        const again = await receive(world, url, 1);
        return again.length > 0 ? undefined : (await receive(world, deadUrl))[0];
      });
      return [first.Attributes?.AWSTraceHeader, dead.Attributes?.AWSTraceHeader];
    },
  },
  {
    name: 'all of many messages come, in whatever order, ten at a time at most',
    expected: [Array.from({ length: 25 }, (_, at) => String(at).padStart(2, '0')), true],
    run: async (world) => {
      const { url } = world.freshQueue();
      const wanted = Array.from({ length: 25 }, (_, at) => String(at).padStart(2, '0'));
      for (const MessageBody of wanted) await send(world, url, { MessageBody });
      const first = await receive(world, url);
      const rest = await bodies(world, url, 25 - first.length);
      return [[...first.map(({ Body = '' }) => Body), ...rest].sort(), first.length <= 10];
    },
  },
  {
    name: 'a delayed message is counted as delayed, and comes later',
    expected: ['0 visible, 0 hidden, 1 delayed', [], 'body'],
    run: async (world) => {
      const { url } = world.freshQueue();
      await send(world, url, { DelaySeconds: FOR_LONG });
      const before = [await counts(world, url), await receive(world, url)];
      const soon = world.freshQueue().url;
      await send(world, soon, { DelaySeconds: 1 });
      return [...before, (await next(world, soon)).Body];
    },
  },
  {
    name: 'a delay over 900 s is refused',
    expected: '400 InvalidParameterValue',
    run: (world) => failureOf(send(world, world.freshQueue().url, { DelaySeconds: 901 })),
  },
  {
    name: 'a negative delay is refused',
    expected: '400 InvalidParameterValue',
    motoDiffers: 'takes it; SQS takes 0 to 900 s (API Reference, SendMessage, DelaySeconds)',
    run: (world) => failureOf(send(world, world.freshQueue().url, { DelaySeconds: -1 })),
  },
  {
    name: 'a received message is hidden, counted so, and gone when it is deleted; deleting again is no error',
    expected: [
      '0 visible, 1 hidden, 0 delayed',
      [],
      'no failure',
      'no failure',
      '0 visible, 0 hidden, 0 delayed',
    ],
    run: async (world) => {
      const { url: QueueUrl } = world.freshQueue();
      await send(world, QueueUrl);
      const ReceiptHandle = handleOf(await next(world, QueueUrl));
      const hidden = [await counts(world, QueueUrl), await receive(world, QueueUrl)];
      const remove = () => failureOf(world.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle })));
      return [...hidden, await remove(), await remove(), await counts(world, QueueUrl)];
    },
  },
  {
    name: 'a message comes again when its visibility ends, with another receipt and a higher count',
    expected: ['2', true, 'body'],
    run: async (world) => {
      const { url } = world.freshQueue();
      await send(world, url);
      const first = await next(world, url, 1);
      const second = await next(world, url);
      const isOther = first.ReceiptHandle !== second.ReceiptHandle;
      return [second.Attributes?.['ApproximateReceiveCount'], isOther, second.Body];
    },
  },
  {
    name: 'visibility is changed: shown at once, or hidden for longer',
    expected: ['2', [], 'no failure'],
    run: async (world) => {
      const { url: QueueUrl } = world.freshQueue();
      await send(world, QueueUrl);
      const change = (message: Message, VisibilityTimeout: number) =>
        world.sqs.send(
          new ChangeMessageVisibilityCommand({
            QueueUrl,
            ReceiptHandle: handleOf(message),
            VisibilityTimeout,
          }),
        );
      await change(await next(world, QueueUrl), 0);
      const second = await next(world, QueueUrl, 30);
      const longer = await failureOf(change(second, FOR_LONG));
      return [second.Attributes?.['ApproximateReceiveCount'], await receive(world, QueueUrl), longer];
    },
  },
  {
    name: 'the visibility of a message that is not in flight cannot be changed',
    expected: '400 MessageNotInflight',
    motoDiffers:
      'finds the receipt of a deleted message invalid; for SQS it is not in flight (API Reference, ChangeMessageVisibility, Errors)',
    run: async (world) => {
      const { url: QueueUrl } = world.freshQueue();
      await send(world, QueueUrl);
      const ReceiptHandle = handleOf(await next(world, QueueUrl));
      await world.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      return failureOf(
        world.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 5 })),
      );
    },
  },
  {
    name: 'redrive: received twice and not deleted, then dead, with the same id, body and attributes',
    expected: [
      'body',
      true,
      { cause: { DataType: 'String', StringValue: 'c' } },
      '0 visible, 0 hidden, 0 delayed',
    ],
    run: async (world) => {
      const { url, deadUrl } = world.freshQueue();
      const MessageAttributes = { cause: { DataType: 'String', StringValue: 'c' } };
      const { MessageId } = await send(world, url, { MessageAttributes });
      await next(world, url, 1);
      await next(world, url, 1);
      const dead = await eventually(world, async () => {
        const again = await receive(world, url, 1);
        return again.length > 0 ? undefined : (await receive(world, deadUrl))[0];
      });
      const isSame = dead.MessageId === MessageId;
      return [dead.Body, isSame, dead.MessageAttributes, await counts(world, url)];
    },
  },
  {
    name: 'receives are counted across queues',
    expected: ['1', '2', '3'],
    run: async (world) => {
      const { url, deadUrl } = world.freshQueue();
      await send(world, url);
      const received = [await next(world, url, 1), await next(world, url, 1)];
      const dead = await eventually(world, async () => {
        const again = await receive(world, url, 1);
        return again.length > 0 ? undefined : (await receive(world, deadUrl))[0];
      });
      return [...received, dead].map(({ Attributes }) => Attributes?.['ApproximateReceiveCount']);
    },
  },
  {
    name: 'a queue that does not exist',
    expected: '400 QueueDoesNotExist',
    run: (world) => failureOf(send(world, `${world.freshQueue().url}-elsewhere`)),
  },
  {
    name: 'a message of no characters is refused',
    expected: '400 MissingParameter',
    motoDiffers: 'takes it; a message has one character at least (API Reference, SendMessage, MessageBody)',
    run: (world) => failureOf(send(world, world.freshQueue().url, { MessageBody: '' })),
  },
  {
    name: 'a visibility over twelve hours is refused',
    expected: '400 InvalidParameterValue',
    run: async (world) => {
      const { url: QueueUrl } = world.freshQueue();
      await send(world, QueueUrl);
      const ReceiptHandle = handleOf(await next(world, QueueUrl));
      const input = { QueueUrl, ReceiptHandle, VisibilityTimeout: 43_201 };
      return failureOf(world.sqs.send(new ChangeMessageVisibilityCommand(input)));
    },
  },
  {
    name: 'a receipt that is none is refused',
    expected: '404 ReceiptHandleIsInvalid',
    motoDiffers: "says 400; the SDK's model of SQS says 404",
    run: (world) => {
      const { url: QueueUrl } = world.freshQueue();
      return failureOf(world.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'none' })));
    },
  },
  {
    name: 'a message over 1 MiB is refused',
    expected: '400 InvalidParameterValue',
    run: (world) =>
      failureOf(send(world, world.freshQueue().url, { MessageBody: 'x'.repeat(1024 * 1024 + 1) })),
  },
];
