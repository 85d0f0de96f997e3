/** The priority of a series; `urgent` ones have priority queues from the compute stage on. */
export const PRIORITIES = ['urgent', 'routine'] as const;

export type Priority = (typeof PRIORITIES)[number];
