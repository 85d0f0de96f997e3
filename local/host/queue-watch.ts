import type { QueueCounts } from '../cloud/queues/message.ts';

/**
 * No message can open a series any more: no dropped object is in a queue, and the checker has only delayed messages,
 * which are stale if all series are final. Messages of later stages for final series are stale too.
 */
export function areQueuesIdle(
  counts: Readonly<Record<string, QueueCounts>>,
  queues: { ingest: string; completion: string },
): boolean {
  const ingest = counts[queues.ingest];
  const completion = counts[queues.completion];
  if (ingest === undefined || completion === undefined) return false;
  return ingest.visible + ingest.inflight + ingest.delayed + completion.visible + completion.inflight === 0;
}

/** Tells whether a message is at work, or one has ended since the last counts: what changes a series. */
export function createChangeNotice(): (counts: Readonly<Record<string, QueueCounts>>) => boolean {
  let before = '';
  return (all) => {
    const counts = Object.entries(all).filter(([name]) => !isDeadLetterQueue(name));
    const now = JSON.stringify(counts);
    const isChanged = now !== before;
    before = now;
    return isChanged || counts.some(([, { visible, inflight }]) => visible + inflight > 0);
  };
}

export function isDeadLetterQueue(name: string): boolean {
  return name.includes('Dead');
}
