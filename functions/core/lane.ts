import type { Series } from './series.ts';

/** How soon a series is wanted; `urgent` ones have queues and workers of their own from the compute stage on. */
export const PRIORITIES = ['urgent', 'routine'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** What a message to the compute or the results stage says of its series; `priority` chooses the queue. */
export interface SeriesWork {
  source: string;
  seriesInstanceUid: string;
  ticket: number;
  priority?: 'urgent';
}

/** The one place that puts a series on its lane: whoever sends a message for it begins with this. */
export function workOf(series: Series): SeriesWork {
  const { source, seriesInstanceUid, ticket } = series;
  return { source, seriesInstanceUid, ticket, ...laneOf('priority' in series ? series.priority : undefined) };
}

/** As rows and messages hold a priority: routine is the absence of another one, as in those written before there was any. */
export function laneOf(priority: Priority | undefined): { priority?: 'urgent' } {
  return priority === 'urgent' ? { priority } : {};
}
