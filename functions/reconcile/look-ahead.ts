import type { Instance } from '../core/instance.ts';
import type { Queues } from '../core/ports.ts';

/** The longest that a Lambda function runs, and that SQS holds a message back: by then this run is over, one way or another. */
const LOOK_AFTER_SECONDS = 900;

/**
 * No event comes again for what reconciliation indexes. A run that died between the rows and their series would leave a
 * series that does not know of them until the next pass. So the checker is asked before the rows are written to compare the
 * set once this run is over; where the run lives, it finds nothing to do.
 */
export function lookAhead(queues: Pick<Queues, 'sendCompletion'>) {
  const asked = new Set<string>();
  return async (rows: readonly Instance[]): Promise<void> => {
    for (const { source, seriesInstanceUid } of rows) {
      const id = `${source}#${seriesInstanceUid}`;
      if (asked.has(id)) continue;
      await queues.sendCompletion({ kind: 'late', source, seriesInstanceUid }, LOOK_AFTER_SECONDS);
      asked.add(id);
    }
  };
}
