import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { EVENT_SOURCE, type OutboxEvent } from '../series/events.ts';
import type { PublishEvents } from '../series/outbox.ts';
import { defined } from '../shared/defined.ts';
import type { TraceHeader } from '../shared/trace-header.ts';

/** PutEvents takes ten entries (Amazon EventBridge API Reference). */
const MAX_ENTRIES = 10;

/** EventBridge took not every event. Transient: events wait in the outbox, or their message comes again. */
export class EventsRefusedError extends Error {
  override name = 'EventsRefusedError';
}

export function createEventPublisher(
  client: EventBridgeClient,
  eventBusName: string,
  traceHeader: TraceHeader,
): PublishEvents {
  return async (events) => {
    for (let at = 0; at < events.length; at += MAX_ENTRIES) {
      const answer = await client.send(
        new PutEventsCommand({
          Entries: events
            .slice(at, at + MAX_ENTRIES)
            .map((event) => toEntry(event, eventBusName, traceHeader())),
        }),
      );
      const refused = answer.Entries?.find((entry) => entry.ErrorCode !== undefined);
      if ((answer.FailedEntryCount ?? 0) > 0) {
        throw new EventsRefusedError(
          `EventBridge refused ${answer.FailedEntryCount} event(s) (${refused?.ErrorCode ?? 'no code'}); they are sent again`,
        );
      }
    }
  };
}

function toEntry(event: OutboxEvent, EventBusName: string, TraceHeader: string | undefined) {
  return {
    EventBusName,
    Source: EVENT_SOURCE,
    DetailType: event.detailType,
    Time: new Date(event.detail.at),
    Detail: JSON.stringify(event.detail),
    ...defined({ TraceHeader }),
  };
}
