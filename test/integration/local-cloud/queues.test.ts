import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalQueues, startQueues } from '../../../local/cloud/queues/local-queues.ts';
import { queueArn, queueResource, queueWithDeadLetters } from '../../support/queue-resource.ts';
import { eventually } from '../../system/local-cloud/fixture-stack.ts';

const RESOURCES = [queueResource('dead'), queueWithDeadLetters('jobs', 'dead', 2)];

let folder = '';
let queues: LocalQueues;
let sqs: SQSClient;

async function start(resources = RESOURCES): Promise<void> {
  queues = await startQueues({ dataDir: folder });
  queues.apply(resources);
  sqs = new SQSClient({
    endpoint: queues.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
}
async function countOverTheWire() {
  const { Attributes: counts } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url(), AttributeNames: ['All'] }),
  );
  return counts;
}
async function restart(resources = RESOURCES): Promise<void> {
  sqs.destroy();
  await queues.close();
  await start(resources);
}
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'local-queues-'));
  await start();
});
afterEach(async () => {
  sqs.destroy();
  await queues.close();
  rmSync(folder, { recursive: true, force: true });
});

const url = () => `${queues.url}/000000000000/jobs`;
const send = (body: string, delaySeconds = 0) =>
  sqs.send(new SendMessageCommand({ QueueUrl: url(), MessageBody: body, DelaySeconds: delaySeconds }));
const receive = async (waitSeconds = 0) =>
  (
    await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: url(),
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['All'],
      }),
    )
  ).Messages ?? [];

describe('local queues', () => {
  it('listen on the loopback address only and serve nothing but SQS', async () => {
    expect(queues.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${queues.url}/bucket/key`, { method: 'PUT', body: 'x' })).status).toBe(405);
    expect((await fetch(`${queues.url}/queues`)).status).toBe(405);
  });

  it('do not lose a message to a long poll that was broken off', async () => {
    const { port } = new URL(queues.url);
    const poll = connect(Number(port), '127.0.0.1');
    const body = JSON.stringify({ QueueUrl: url(), WaitTimeSeconds: 20 });
    const head =
      'POST / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-amz-target: AmazonSQS.ReceiveMessage\r\n' +
      `content-type: application/x-amz-json-1.0\r\ncontent-length: ${body.length}\r\n\r\n`;
    let answer = '';
    poll.on('data', (chunk) => {
      answer += chunk;
    });
    await new Promise((resolve) => poll.write(head + body, resolve));
    // What is answered after it shows that it has arrived, and then that its end has.
    await countOverTheWire();
    expect(answer).toBe('');
    poll.resetAndDestroy();
    await countOverTheWire();
    await send('a');
    const [message] = await eventually(async () => {
      const messages = await receive();
      return messages.length > 0 && messages;
    });
    expect(message).toMatchObject({ Body: 'a', Attributes: { ApproximateReceiveCount: '1' } });
  });

  it('count messages exactly after a delay or a visibility timeout has ended, also over the wire', async () => {
    await send('later', 5);
    expect(queues.counts().jobs).toEqual({ visible: 0, inflight: 0, delayed: 1 });
    await eventually(async () => {
      const counts = await countOverTheWire();
      return counts?.ApproximateNumberOfMessages === '1' && counts.ApproximateNumberOfMessagesDelayed === '0';
    });
    expect(queues.counts().jobs).toEqual({ visible: 1, inflight: 0, delayed: 0 });
  });

  it('wake a waiting poll as soon as a message comes from inside the host', async () => {
    const poll = receive(20);
    await queues.send(queueArn('jobs'), 'a');
    expect(await poll).toMatchObject([{ Body: 'a' }]);
  });

  it('answer every waiting poll when the host stops', async () => {
    const poll = receive(20);
    const waking = setInterval(() => queues.answerWaitingPolls(), 20);
    expect(await poll).toEqual([]);
    clearInterval(waking);
  });

  it('apply changed attributes of the template, and keep the messages', async () => {
    await send('a');
    await restart([queueResource('dead'), queueResource('jobs', { visibilityTimeoutSeconds: 77 })]);
    const { Attributes: attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url(), AttributeNames: ['All'] }),
    );
    expect(attributes).toMatchObject({ VisibilityTimeout: '77', ApproximateNumberOfMessages: '1' });
  });
});
