import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ChangeMessageVisibilityCommand, DeleteMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { counts, receive, send } from '../../integration/conformance/queue-calls.ts';

let folder = '';
let child: ChildProcess;
let sqs: SQSClient;
let url = '';

async function start(): Promise<void> {
  child = spawn(process.execPath, [join(import.meta.dirname, 'queue-process.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  const [endpoint] = (await once(lines, 'line')) as [string];
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  sqs = new SQSClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  url = `${endpoint}/000000000000/jobs`;
}

async function kill(): Promise<void> {
  const ended = once(child, 'close');
  child.kill('SIGKILL');
  await ended;
  sqs.destroy();
}

async function killAndStart(): Promise<void> {
  await kill();
  await start();
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'queues-killed-'));
  await start();
});
afterEach(async () => {
  await kill();
  rmSync(folder, { recursive: true, force: true });
});

describe('queues whose process is killed', () => {
  it('keep each message that was acknowledged as sent, as it was sent', async () => {
    const MessageAttributes = { cause: { DataType: 'String', StringValue: 'c' } };
    const StringValue = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
    const { MessageId } = await send({ sqs }, url, {
      MessageAttributes,
      MessageGroupId: 'ct',
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue } },
    });
    await killAndStart();
    const Attributes = { MessageGroupId: 'ct', AWSTraceHeader: StringValue, ApproximateReceiveCount: '1' };
    expect(await receive({ sqs }, url)).toMatchObject([
      { MessageId, Body: 'body', MessageAttributes, Attributes },
    ]);
  });

  it('keep the acknowledged messages of a burst that the kill interrupts', async () => {
    const acknowledged: string[] = [];
    let killed: Promise<void> | undefined;
    const sends = Array.from({ length: 200 }, async (_, at) => {
      const MessageBody = String(at);
      const answer = await send({ sqs }, url, { MessageBody }).catch(() => undefined);
      if (answer !== undefined) acknowledged.push(MessageBody);
      if (acknowledged.length >= 40) killed ??= kill();
    });
    await Promise.all(sends);
    await killed;
    await start();
    const kept: string[] = [];
    for (let more = await receive({ sqs }, url); more.length > 0; more = await receive({ sqs }, url))
      kept.push(...more.map(({ Body = '' }) => Body));
    expect(kept).toEqual(expect.arrayContaining(acknowledged));
  });

  it('do not bring back a message whose delete was acknowledged, and keep a delay', async () => {
    await send({ sqs }, url);
    await send({ sqs }, url, { DelaySeconds: 900 });
    for (const { ReceiptHandle } of await receive({ sqs }, url))
      await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
    await killAndStart();
    expect(await counts({ sqs }, url)).toBe('0 visible, 0 hidden, 1 delayed');
  });

  it('count a completed receive, and not one that the kill interrupted', async () => {
    await send({ sqs }, url);
    const [{ ReceiptHandle } = {}] = await receive({ sqs }, url);
    const again = { QueueUrl: url, ReceiptHandle, VisibilityTimeout: 0 };
    await sqs.send(new ChangeMessageVisibilityCommand(again));
    for (let times = 0; times < 3; times += 1) {
      await killAndStart();
      expect(await receive({ sqs }, url)).toMatchObject([{ Attributes: { ApproximateReceiveCount: '2' } }]);
    }
  });

  it('keep a dead letter in the dead-letter queue, once', async () => {
    await send({ sqs }, url);
    for (let times = 0; times < 3; times += 1) await receive({ sqs }, url, 0);
    await killAndStart();
    expect(await receive({ sqs }, url)).toEqual([]);
    expect(await receive({ sqs }, url.replace(/jobs$/, 'dead'))).toMatchObject([{ Body: 'body' }]);
  });
});
