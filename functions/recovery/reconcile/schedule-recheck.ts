import type { Instance } from '../../instances/instance.ts';
import type { Queues } from '../../series/messages.ts';

/** The longest run of a Lambda function, and the longest delay of an SQS message: after it this run has ended or died. */
const RECHECK_AFTER_SECONDS = 900;

/**
 * Objects that reconciliation indexes have no event that would be delivered again. If the run died after it wrote the rows,
 * their series would not include them until the next pass. So a delayed message is sent before the rows are written: the
 * checker then compares the set, and finds nothing to do if this run has finished.
 */
export function scheduleRecheck(queues: Pick<Queues, 'sendCompletion'>) {
  const asked = new Set<string>();
  return async (rows: readonly Instance[]): Promise<void> => {
    for (const { source, seriesInstanceUid } of rows) {
      const id = `${source}#${seriesInstanceUid}`;
      if (asked.has(id)) continue;
      await queues.sendCompletion({ kind: 'late', source, seriesInstanceUid }, RECHECK_AFTER_SECONDS);
      asked.add(id);
    }
  };
}
