import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createWatermarkKeeper } from '../../../functions/ingest/watermark.ts';
import { Queue } from '../../../local/cloud/queues/queue.ts';
import { newWorld } from '../../support/world/new-world.ts';

function start(...sent: [groupId: string, count: number][]) {
  let nowMs = 1_000_000;
  const queue = new Queue({
    name: 'queue',
    now: () => nowMs++,
    newMessageId: randomUUID,
    newReceiptHandle: ({ id, receiveCount }) => `${id}#${receiveCount}`,
  });
  for (const [messageGroupId, count] of sent)
    for (let number = 1; number <= count; number += 1)
      queue.send(`${messageGroupId}${number}`, { messageGroupId });
  const receive = (max: number) => ({ bodies: queue.receive(max, 3600).map(({ body }) => body) });
  return { receive };
}

describe('a queue whose messages have groups', () => {
  it('gives the groups equal shares of the consumers while all have messages', () => {
    const { receive } = start(['first', 9], ['second', 9], ['third', 9]);
    const bodies = Array.from({ length: 6 }, () => receive(1).bodies).flat();
    expect(bodies.sort()).toEqual(['first1', 'first2', 'second1', 'second2', 'third1', 'third2']);
  });

  it('gives a group its turn although runs of its messages have failed, and they wait for their time', () => {
    const { receive } = start(['failed', 6], ['large', 900]);
    const bodies = Array.from({ length: 12 }, () => receive(1).bodies).flat();
    expect(bodies).toContain('failed6');
  });

  it('has the oldest message of all in a batch, of however many groups', () => {
    const { receive } = start(
      ['oldest', 30],
      ...Array.from({ length: 40 }, (_, at): [string, number] => [`group-${at}-`, 30]),
    );
    for (let batch = 1; batch <= 30; batch += 1) expect(receive(10).bodies).toContain(`oldest${batch}`);
  });
});

it('has no watermark past an event that waits for its first receive, while those before it fail', async () => {
  const { deps, watermark, clock } = newWorld();
  const queue = new Queue({
    name: 'ingest',
    now: clock.nowMs,
    newMessageId: randomUUID,
    newReceiptHandle: ({ id, receiveCount }) => `${id}#${receiveCount}`,
  });
  const keep = createWatermarkKeeper(deps);
  const send = (body: string, messageGroupId: string, count = 1) => {
    for (let sent = 0; sent < count; sent += 1) queue.send(body, { messageGroupId });
  };
  send('bad', 'B', 1500);
  let looks = 0;
  for (let step = 0; step < 900; step += 1) {
    clock.advance(0.1);
    if (step % 10 === 0) send('good', 'A');
    // Once behind those that wait for their first receive, and once behind all that have come again.
    if (step === 20 || step === 490) send('good', 'B', 300);
    if (step > 290 && step < 480) continue;
    const received = queue.receive(10);
    const failed = received.filter(({ body }) => body === 'bad');
    for (const { body, receiptHandle } of received) if (body === 'good') queue.delete(receiptHandle);
    await keep(
      received.map(({ id, receiveCount, sentAtMs }) => ({
        messageId: id,
        attributes: {
          ApproximateReceiveCount: `${receiveCount}`,
          SentTimestamp: `${sentAtMs}`,
          SenderId: '',
          ApproximateFirstReceiveTimestamp: '0',
        },
      })),
      new Map(failed.map(({ id }) => [id, 'object_unreadable'])),
    );
    const waiting = queue
      .messages()
      .filter(({ state, receiveCount }) => state === 'visible' && receiveCount === 0);
    const handledUpTo = await watermark.load();
    if (waiting.length === 0 || handledUpTo === undefined) continue;
    looks += 1;
    expect(Math.min(...waiting.map(({ sentAtMs }) => sentAtMs))).toBeGreaterThanOrEqual(
      Date.parse(handledUpTo),
    );
  }
  expect(looks).toBeGreaterThan(100);
});
