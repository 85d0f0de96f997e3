import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder = '';
let child: ChildProcess;
let sqs: SQSClient;
let QueueUrl = '';

async function start(): Promise<void> {
  child = spawn(process.execPath, [join(import.meta.dirname, 'queue-process.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  const [endpoint] = (await once(lines, 'line')) as [string];
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  sqs = new SQSClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  QueueUrl = `${endpoint}/000000000000/jobs`;
}

async function kill(): Promise<void> {
  const ended = once(child, 'close');
  child.kill('SIGKILL');
  await ended;
  sqs.destroy();
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'queues-killed-'));
  await start();
});
afterEach(async () => {
  await kill();
  rmSync(folder, { recursive: true, force: true });
});

const send = (MessageBody: string, more = {}) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
const remove = ({ ReceiptHandle }: Message) =>
  sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
async function receive(VisibilityTimeout = 900): Promise<Message[]> {
  const answer = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    }),
  );
  return answer.Messages ?? [];
}

describe('queues whose process is killed', () => {
  it('keep each message that was acknowledged as sent, as it was sent', async () => {
    const MessageAttributes = { cause: { DataType: 'String', StringValue: 'c' } };
    const AWSTraceHeader = {
      DataType: 'String',
      StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
    };
    const whole = { MessageAttributes, MessageGroupId: 'ct', MessageSystemAttributes: { AWSTraceHeader } };
    const { MessageId } = await send('a', whole);
    await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: ['b', 'c'].map((body) => ({ Id: body, MessageBody: body })),
      }),
    );
    await kill();
    await start();
    const messages = await receive();
    expect(messages.map(({ Body }) => Body).sort()).toEqual(['a', 'b', 'c']);
    expect(messages.find(({ Body }) => Body === 'a')).toMatchObject({
      MessageId,
      MessageAttributes,
      Attributes: { MessageGroupId: 'ct', AWSTraceHeader: AWSTraceHeader.StringValue },
    });
  });

  it('keep what was acknowledged in the midst of a burst', async () => {
    const acknowledged: string[] = [];
    let killed: Promise<void> | undefined;
    const sends = Array.from({ length: 200 }, async (_, at) => {
      await send(`${at}`)
        .catch(() => undefined)
        .then((answer) => answer && acknowledged.push(`${at}`));
      if (acknowledged.length >= 40) killed ??= kill();
    });
    await Promise.all(sends);
    await killed;
    await start();
    const kept: Message[] = [];
    for (let more = await receive(); more.length > 0; more = await receive()) kept.push(...more);
    expect(kept.map(({ Body }) => Body)).toEqual(expect.arrayContaining(acknowledged));
  });

  it('do not bring back a message whose delete was acknowledged', async () => {
    await send('deleted');
    await send('kept');
    for (const message of await receive()) if (message.Body === 'deleted') await remove(message);
    await kill();
    await start();
    expect((await receive()).map(({ Body }) => Body)).toEqual(['kept']);
  });

  it('keep the delay of a message', async () => {
    await send('later', { DelaySeconds: 900 });
    await kill();
    await start();
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesDelayed'],
      }),
    );
    expect(Attributes).toEqual({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesDelayed: '1',
    });
  });

  it('count a receive that was over, and not one that the kill has cut short', async () => {
    await send('a');
    const [first] = await receive();
    const again = { QueueUrl, ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 0 };
    await sqs.send(new ChangeMessageVisibilityCommand(again));
    for (let times = 0; times < 3; times += 1) {
      await kill();
      await start();
      expect(await receive()).toMatchObject([{ Body: 'a', Attributes: { ApproximateReceiveCount: '2' } }]);
    }
  });

  it('keep a message that went to the dead letters there, and once', async () => {
    await send('poison');
    for (let times = 0; times < 3; times += 1) await receive(0);
    await kill();
    await start();
    expect(await receive()).toEqual([]);
    QueueUrl = QueueUrl.replace(/jobs$/, 'dead');
    expect(await receive()).toMatchObject([{ Body: 'poison' }]);
  });
});
