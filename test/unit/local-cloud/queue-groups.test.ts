import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Queue } from '../../../local/cloud/queues/queue.ts';

function start(...sent: [groupId: string, count: number][]) {
  const queue = new Queue({
    name: 'queue',
    now: () => 1_000_000,
    newMessageId: randomUUID,
    newReceiptHandle: ({ id, receiveCount }) => `${id}#${receiveCount}`,
  });
  for (const [messageGroupId, count] of sent)
    for (let number = 1; number <= count; number += 1)
      queue.send(`${messageGroupId}${number}`, { messageGroupId });
  /** The bodies, and what ends the work on them. */
  const receive = (max: number) => {
    const messages = queue.receive(max, 60);
    return {
      bodies: messages.map(({ body }) => body),
      end: () => {
        for (const { receiptHandle } of messages) queue.delete(receiptHandle);
      },
    };
  };
  return { receive };
}

describe('a queue whose messages have groups', () => {
  it('gives what is free to the group with the fewest in flight, so that slow messages do not use up the consumers', () => {
    const { receive } = start(['slow', 5], ['quick', 3]);
    expect(receive(1).bodies).toEqual(['slow1']);
    const received: string[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const { bodies, end } = receive(1);
      received.push(...bodies);
      end();
    }
    expect(received).toEqual(['quick1', 'quick2', 'quick3']);
    expect(receive(1).bodies).toEqual(['slow2']);
  });

  it('gives the groups equal shares of the consumers while all have messages', () => {
    const { receive } = start(['first', 9], ['second', 9], ['third', 9]);
    const bodies = Array.from({ length: 6 }, () => receive(1).bodies).flat();
    expect(bodies.sort()).toEqual(['first1', 'first2', 'second1', 'second2', 'third1', 'third2']);
  });

  it('has the oldest message of each group in a batch, however many are in flight', () => {
    const { receive } = start(['large', 900], ['small', 30]);
    receive(10);
    receive(10);
    const { bodies } = receive(10);
    expect(bodies).toEqual(expect.arrayContaining(['large11', 'small11']));
  });
});
