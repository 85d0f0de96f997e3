import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDeadLetterBox, createDeadLetterSink } from '../../../functions/adapters/dead-letters.ts';
import type { DeadLetterBox, DeadLetterNote, DeadLetterQueue } from '../../../functions/core/dead-letter.ts';
import { peekDeadLetters, redriveDeadLetters } from '../../../functions/core/dead-letter-walk.ts';
import { LOCAL_ACCOUNT_ID } from '../../../local/cloud/intrinsics.ts';
import { type LocalQueues, startQueues } from '../../../local/cloud/queues.ts';

const arnOf = (name: string) => `arn:aws:sqs:us-east-1:${LOCAL_ACCOUNT_ID}:${name}`;
const NOTE: DeadLetterNote = {
  stage: 'jobs',
  cause: 'throttled',
  failedAt: '2026-03-01T08:00:00.000Z',
  receives: 2,
  messageId: 'the-first-id',
};

let folder = '';
let queues: LocalQueues;
let sqs: SQSClient;
let told: DeadLetterQueue[] = [];
let box: DeadLetterBox;

async function start(): Promise<void> {
  queues = await startQueues({ dataDir: folder });
  const resource = (name: string, attributes: Record<string, string>) => ({
    logicalId: name,
    name,
    arn: arnOf(name),
    url: '',
    attributes: { VisibilityTimeout: '30', DelaySeconds: '0', RedrivePolicy: '', ...attributes },
  });
  const redrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf('dead'), maxReceiveCount: 2 });
  queues.apply([resource('dead', {}), resource('jobs', { RedrivePolicy: redrivePolicy })]);
  sqs = new SQSClient({
    endpoint: queues.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const urlOf = (name: string) => `${queues.url}/${LOCAL_ACCOUNT_ID}/${name}`;
  told = [
    {
      stage: 'jobs',
      queueArn: arnOf('jobs'),
      queueUrl: urlOf('jobs'),
      deadLetterUrl: urlOf('dead'),
      maxReceives: 2,
    },
  ];
  box = createDeadLetterBox(sqs, told, () => undefined);
}
async function end(): Promise<void> {
  sqs.destroy();
  await queues.close();
}
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dead-letters-'));
  await start();
});
afterEach(async () => {
  await end();
  rmSync(folder, { recursive: true, force: true });
});

const walk = () => ({ clock: () => new Date(), endsAtMs: Date.now() + 20_000 });
const request = () => ({ limit: 1000, before: new Date().toISOString() });
const give = (body: string, note: Partial<DeadLetterNote> = {}) =>
  createDeadLetterSink(sqs, told, () => undefined).send(arnOf('jobs'), body, { ...NOTE, ...note });

describe('dead letters in SQS', () => {
  it('keep what the stage knew, over a restart too', async () => {
    await give('{"a":1}');
    await end();
    await start();
    const [letter] = await box.receive('jobs', 30);
    expect(letter).toMatchObject({
      body: '{"a":1}',
      cause: 'throttled',
      failedAt: NOTE.failedAt,
      receives: 2,
      messageId: 'the-first-id',
    });
    expect(Math.abs(Date.parse(letter?.sentAt ?? '') - Date.now())).toBeLessThan(60_000);
  });

  it('that SQS moved itself are of an unknown cause', async () => {
    const { queueUrl = '' } = told[0] ?? {};
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'moved' }));
    for (let receives = 0; receives < 3; receives += 1) {
      await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, VisibilityTimeout: 0 }));
    }
    const [letter] = await box.receive('jobs', 30);
    expect(letter).toMatchObject({ body: 'moved', cause: 'unknown' });
    expect(letter).not.toHaveProperty('failedAt');
    expect(letter).not.toHaveProperty('receives');
  });

  it('are all seen by a peek, and none is hidden after it', async () => {
    for (let at = 0; at < 23; at += 1) await give(`${at}`, { messageId: `m${at}` });
    for (let times = 0; times < 3; times += 1) {
      const { letters, isComplete } = await peekDeadLetters(box, {}, walk());
      expect(new Set(letters.map(({ body }) => body)).size).toBe(23);
      expect(isComplete).toBe(true);
    }
    expect(queues.counts().dead).toEqual({ visible: 23, inflight: 0, delayed: 0 });
    expect(await box.estimate('jobs')).toBe(23);
  });

  it('go back to their queue by cause, and the others are there at once', async () => {
    for (let at = 0; at < 23; at += 1) await give(`${at}`, at < 12 ? {} : { cause: 'network' });
    const outcome = await redriveDeadLetters(box, { ...request(), cause: 'network' }, walk());
    expect(outcome).toEqual({ moved: 11, refused: 0, isComplete: true });
    expect(queues.counts()).toMatchObject({
      jobs: { visible: 11 },
      dead: { visible: 12, inflight: 0 },
    });
    const { Messages: [first] = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: told[0]?.queueUrl, MessageSystemAttributeNames: ['All'] }),
    );
    // A message like a new one: all its receives are before it.
    expect(first?.Attributes).toMatchObject({ ApproximateReceiveCount: '1' });
    expect(first).not.toHaveProperty('MessageAttributes');
  });

  it('stay where the queue takes only a part of a batch', async () => {
    await give('sound');
    // SQS takes no such character in a body; it is in none of ours, and stands for whatever a queue refuses.
    await give('refused');
    const picky: SQSClient = Object.create(sqs, {
      send: {
        value: async (command: { input: { Entries?: { MessageBody?: string }[] } }) => {
          for (const entry of command.input.Entries ?? []) {
            if (entry.MessageBody === 'refused') entry.MessageBody = 'refused\u0000';
          }
          return sqs.send(command as Parameters<SQSClient['send']>[0]);
        },
      },
    });
    const outcome = await redriveDeadLetters(
      createDeadLetterBox(picky, told, () => undefined),
      request(),
      walk(),
    );
    expect(outcome).toEqual({ moved: 1, refused: 1, isComplete: false });
    expect(queues.counts()).toMatchObject({ jobs: { visible: 1 }, dead: { visible: 1, inflight: 0 } });
    expect(await box.receive('jobs', 30)).toMatchObject([{ body: 'refused' }]);
  });

  it('that are too large for one batch go in several', async () => {
    for (let at = 0; at < 4; at += 1) await give(`${at}`.repeat(100 * 1024));
    expect(await redriveDeadLetters(box, request(), walk())).toMatchObject({ moved: 4, isComplete: true });
    expect(queues.counts()).toMatchObject({ jobs: { visible: 4 }, dead: { visible: 0, inflight: 0 } });
  });
});
