import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Queue } from '../../../local/cloud/queues/queue.ts';

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
