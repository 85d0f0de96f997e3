import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import type { SimulatedQueueOptions } from '../../services/queue/options.ts';
import { SimulatedQueues } from '../../services/queue/simulated-queues.ts';

function start(options: Partial<SimulatedQueueOptions> = {}) {
  const clock = { nowMs: 1_000_000 };
  const queues = new SimulatedQueues();
  let draw = 0;
  const random = () => {
    draw = (draw + 0.381_966) % 1;
    return draw;
  };
  const common = { now: () => clock.nowMs, random };
  const dead = queues.create({ name: 'dead', ...common });
  const redrive = { deadLetterQueue: 'dead', maxReceiveCount: 2 };
  const queue = queues.create({ name: 'queue', ...common, redrive, ...options });
  return { clock, queues, queue, dead };
}

describe('the simulated queue', () => {
  it('returns when the next message becomes visible', () => {
    const { clock, queue } = start();
    expect(queue.nextVisibleAt()).toBeUndefined();
    queue.send('later', { delaySeconds: 10 });
    expect(queue.nextVisibleAt()).toBe(clock.nowMs + 10_000);
    queue.send('now');
    expect(queue.nextVisibleAt()).toBe(clock.nowMs);
    queue.receive(10, 5);
    expect(queue.nextVisibleAt()).toBe(clock.nowMs + 5_000);
  });

  it('ignores the receipt handle of an earlier receive', () => {
    const { clock, queue } = start();
    queue.send('body');
    const [first] = queue.receive(1, 1);
    clock.nowMs += 1_000;
    const [second] = queue.receive(1, 1);
    queue.delete(first?.receiptHandle ?? '');
    expect(queue.messages()).toHaveLength(1);
    queue.delete(second?.receiptHandle ?? '');
    expect(queue.messages()).toEqual([]);
  });

  it('moves a message to the dead letters at the receive after the last allowed one', () => {
    const { clock, queue, dead } = start();
    const id = queue.send('body');
    for (let receive = 0; receive < 2; receive += 1) {
      expect(queue.receive(1, 1)).toHaveLength(1);
      clock.nowMs += 1_000;
    }
    expect(dead.messages()).toEqual([]);
    expect(queue.receive(1, 1)).toEqual([]);
    expect(dead.messages()).toMatchObject([{ id, body: 'body' }]);
  });

  it('delivers a message twice on request', () => {
    const { queue } = start({ isDeliveredTwice: () => true });
    queue.send('body');
    expect(queue.receive(10, 60)).toHaveLength(1);
    expect(queue.receive(10, 60)).toMatchObject([{ body: 'body', receiveCount: 2 }]);
  });

  it('serves a group with one message beside ten thousand of another', () => {
    const { queue } = start();
    for (let at = 0; at < 10_000; at += 1) queue.send('noisy', { messageGroupId: 'noisy' });
    queue.send('quiet', { messageGroupId: 'quiet' });
    const taken = Array.from({ length: 5 }, () => queue.receive(10, 60)).flat();
    expect(taken.map(({ body }) => body)).toContain('quiet');
  });

  it('fails the chosen entries of a batch', () => {
    const { queues, queue } = start({ failedEntries: () => [1] });
    const Entries = ['a', 'b', 'c'].map((Id) => ({ Id, MessageBody: Id }));
    const QueueUrl = queues.urlOf('queue');
    expect(queues.execute(new SendMessageBatchCommand({ QueueUrl, Entries }))).toMatchObject({
      Successful: [{ Id: 'a' }, { Id: 'c' }],
      Failed: [{ Id: 'b', SenderFault: false }],
    });
    expect(queue.messages().map(({ body }) => body)).toEqual(['a', 'c']);
  });
});
