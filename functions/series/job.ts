import type { Priority } from '../routing/priority.ts';
import type { Series } from './series.ts';

/** The part of a message to the compute or the results stage that names its series; `priority` chooses the queue. */
export interface SeriesJob {
  source: string;
  seriesInstanceUid: string;
  ticket: number;
  priority?: 'urgent';
}

/** Every message for a series is made from this, so that its queue is chosen in one place. */
export function jobOf(series: Series): SeriesJob {
  const { source, seriesInstanceUid, ticket } = series;
  return {
    source,
    seriesInstanceUid,
    ticket,
    ...priorityField('priority' in series ? series.priority : undefined),
  };
}

/** The field of rows and messages: routine is its absence, as in rows and messages from before there were priorities. */
export function priorityField(priority: Priority | undefined): { priority?: 'urgent' } {
  return priority === 'urgent' ? { priority } : {};
}
