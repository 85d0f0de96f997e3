import { describe, expect, it } from 'vitest';
import type { Message } from '../../../local/cloud/queues/message.ts';
import { VisibleMessages } from '../../../local/cloud/queues/visible-messages.ts';

const message = (id: string, groupId?: string) => ({ id, groupId, receiveCount: 0 }) as Message;

function orderOf(...messages: Message[]): VisibleMessages {
  const order = new VisibleMessages(() => 0);
  for (const one of messages) order.add(one);
  return order;
}

function takeAll(order: VisibleMessages): string[] {
  const taken: string[] = [];
  for (let one = order.take(); one !== undefined; one = order.take()) taken.push(one.id);
  return taken;
}

describe('visible messages', () => {
  it('are received in their order', () => {
    const order = orderOf(message('a'), message('b'), message('c'));
    expect(order.size).toBe(3);
    expect(takeAll(order)).toEqual(['a', 'b', 'c']);
    expect(order.size).toBe(0);
  });

  it('are received from each group in turn', () => {
    const noisy = Array.from({ length: 4 }, (_, at) => message(`n${at}`, 'noisy'));
    const order = orderOf(...noisy, message('q', 'quiet'), message('none'));
    expect(takeAll(order)).toEqual(['n0', 'q', 'none', 'n1', 'n2', 'n3']);
  });

  it('do not wait behind redeliveries of their group', () => {
    const redelivered = (id: string) => ({ ...message(id, 'g'), receiveCount: 1 });
    const order = orderOf(redelivered('r1'), redelivered('r2'), message('n1', 'g'), message('n2', 'g'));
    order.putOldestFirst();
    expect(takeAll(order)).toEqual(['n1', 'r1', 'n2', 'r2']);
  });

  it('are not received after their removal, and are last when they are added again', () => {
    const [a, b, c] = [message('a'), message('b'), message('c')];
    const order = orderOf(a, b, c);
    order.take();
    order.remove(b);
    order.remove(b);
    order.add(a);
    expect(order.size).toBe(2);
    expect(takeAll(order)).toEqual(['c', 'a']);
    order.add(b);
    expect(takeAll(order)).toEqual(['b']);
  });
});
