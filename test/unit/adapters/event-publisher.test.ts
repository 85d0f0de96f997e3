import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it } from 'vitest';
import { createEventPublisher } from '../../../functions/adapters/event-publisher.ts';
import type { OutboxEvent } from '../../../functions/core/events.ts';

const bus = mockClient(EventBridgeClient);
beforeEach(() => {
  bus.reset();
});

let trace: string | undefined;
const publish = createEventPublisher(bus as unknown as EventBridgeClient, 'default', () => trace);
beforeEach(() => {
  trace = undefined;
});
const event = (n: number): OutboxEvent => ({
  detailType: 'Object Quarantined',
  detail: {
    version: '1',
    eventId: `event-${n}`,
    source: null,
    quarantineId: `q${n}`,
    reason: 'not_dicom',
    at: '2026-03-01T10:00:00.000Z',
  },
});
const events = (count: number) => Array.from({ length: count }, (_, at) => event(at));
const entries = () => bus.commandCalls(PutEventsCommand).map(({ args }) => args[0].input.Entries ?? []);

it('sends an event as the contract describes it', async () => {
  bus.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [{ EventId: 'x' }] });
  await publish([event(1)]);
  expect(entries()).toEqual([
    [
      {
        EventBusName: 'default',
        Source: 'qure-dropoff',
        DetailType: 'Object Quarantined',
        Time: new Date('2026-03-01T10:00:00.000Z'),
        Detail: JSON.stringify(event(1).detail),
      },
    ],
  ]);
});

it.each([
  [0, []],
  [10, [10]],
  [11, [10, 1]],
  [25, [10, 10, 5]],
])('sends %i events ten a call', async (count, expected) => {
  bus.on(PutEventsCommand).resolves({ FailedEntryCount: 0 });
  await publish(events(count));
  expect(entries().map((call) => call.length)).toEqual(expected);
  expect(
    new Set(
      entries()
        .flat()
        .map(({ Detail }) => Detail),
    ).size,
  ).toBe(count);
});

it('throws when a part was refused: all are sent again with the same ids', async () => {
  bus.on(PutEventsCommand).resolves({
    FailedEntryCount: 1,
    Entries: [{ EventId: 'x' }, { ErrorCode: 'ThrottlingException', ErrorMessage: 'event-1 was too fast' }],
  });
  await expect(publish(events(2))).rejects.toThrow('EventBridge refused 1 event(s) (ThrottlingException)');
});

it('throws what EventBridge throws', async () => {
  bus.on(PutEventsCommand).rejects(new Error('down'));
  await expect(publish(events(1))).rejects.toThrow('down');
});

it('carries the trace of the run that sends it', async () => {
  bus.on(PutEventsCommand).resolves({ FailedEntryCount: 0 });
  trace = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1';
  await publish(events(2));
  expect(entries()[0]?.map(({ TraceHeader }) => TraceHeader)).toEqual([trace, trace]);
});
