import { describe, expect, it } from 'vitest';
import { Queue } from '../../../local/cloud/queues/queue.ts';

const HOUR_MS = 3_600_000;

function start() {
  const clock = { ms: Date.parse('2026-03-01T12:00:00Z') };
  let sent = 0;
  const queue = new Queue({
    name: 'queue',
    now: () => clock.ms,
    newMessageId: () => `m${++sent}`,
    newReceiptHandle: ({ id, receiveCount }) => `${id}#${receiveCount}`,
  });
  const receive = () => queue.receive(10, 3600).map(({ body }) => body);
  return { clock, queue, receive };
}

describe('a clock that is set back', () => {
  it('delays no message for longer than SQS delays', () => {
    const { clock, queue, receive } = start();
    queue.send('poll', { delaySeconds: 5 });
    clock.ms -= 3 * HOUR_MS;
    expect(queue.counts()).toEqual({ visible: 1, inflight: 0, delayed: 0 });
    expect(receive()).toEqual(['poll']);
    expect(receive()).toEqual([]);
  });

  it('leaves what is delayed for as long as SQS may, and what a run has', () => {
    const { clock, queue, receive } = start();
    queue.send('with a run');
    expect(receive()).toEqual(['with a run']);
    queue.send('delayed', { delaySeconds: 900 });
    expect(receive()).toEqual([]);
    clock.ms -= 3 * HOUR_MS;
    queue.send('delayed anew', { delaySeconds: 900 });
    expect(receive()).toEqual(['delayed']);
    expect(queue.counts()).toEqual({ visible: 0, inflight: 2, delayed: 1 });
  });
});
