import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { beforeEach, expect, it } from 'vitest';
import { createEventPublisher } from '../../../functions/aws/event-publisher.ts';
import type { OutboxEvent } from '../../../functions/series/events.ts';
import { SimulatedEventBus } from '../../services/simulated-event-bus.ts';
import { clientOf } from '../../services/wire.ts';

let taken: PutEventsRequestEntry[] = [];
let calls = 0;
let failedEntries: number[] = [];
let trace: string | undefined;
beforeEach(() => {
  taken = [];
  calls = 0;
  failedEntries = [];
  trace = undefined;
});

const bus = new SimulatedEventBus({
  name: 'default',
  onEvent: (event) => taken.push(event),
  failedEntries: () => failedEntries,
});
const client = clientOf(bus, async (request) => {
  calls += 1;
  return request.execute();
});
const publish = createEventPublisher(client, 'default', () => trace);
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

it('sends an event as the contract describes it', async () => {
  await publish([event(1)]);
  expect(taken).toEqual([
    {
      EventBusName: 'default',
      Source: 'qure-dropoff',
      DetailType: 'Object Quarantined',
      Time: new Date('2026-03-01T10:00:00.000Z'),
      Detail: JSON.stringify(event(1).detail),
    },
  ]);
});

it.each([
  [0, 0],
  [10, 1],
  [11, 2],
  [25, 3],
])('sends %i events in their order, in %i calls', async (count, expected) => {
  await publish(events(count));
  expect(taken.map(({ Detail }) => Detail)).toEqual(
    events(count).map(({ detail }) => JSON.stringify(detail)),
  );
  expect(calls).toBe(expected);
});

it('throws when a part was refused, so that all are sent again with the same ids', async () => {
  failedEntries = [1];
  await expect(publish(events(2))).rejects.toThrow('EventBridge refused 1 event(s) (InternalFailure)');
});

it('sends the trace of the run', async () => {
  trace = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1';
  await publish(events(2));
  expect(taken.map(({ TraceHeader }) => TraceHeader)).toEqual([trace, trace]);
});
