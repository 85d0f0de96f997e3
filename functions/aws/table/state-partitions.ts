import { SERIES_STATES, type SeriesState } from '../../series/series-facts.ts';
import { SOURCE_STATE_INDEX, STATE_INDEX, shardsOf, sourceAndState } from './keys.ts';
import type { IndexPartition } from './merged-index.ts';

interface WantedPartitions {
  source?: string;
  state?: SeriesState | readonly SeriesState[];
}

/** Reads the partitions of an index that have the series of these states, of one source or of all. */
export async function overStates<T>(
  { source, state = SERIES_STATES }: WantedPartitions,
  read: (partitions: IndexPartition[]) => Promise<T>,
): Promise<T> {
  const states = [state].flat();
  if (source === undefined) return read(ofStates(states));
  try {
    return await read(ofSource(source, states));
  } catch (error) {
    if (!isIndexUnready(error)) throw error;
    return read(ofStates(states, `${source}#`));
  }
}

function ofStates(states: readonly string[], pkPrefix?: string): IndexPartition[] {
  const filter = pkPrefix === undefined ? {} : { pkPrefix };
  return states
    .flatMap(shardsOf)
    .map((key) => ({ indexName: STATE_INDEX, keyName: 'state', key, ...filter }));
}

function ofSource(source: string, states: readonly string[]): IndexPartition[] {
  return states
    .flatMap((state) => shardsOf(sourceAndState(source, state)))
    .map((key) => ({ indexName: SOURCE_STATE_INDEX, keyName: 'sourceAndState', key }));
}

/** An upgrade has added the index, and DynamoDB is still filling it: until then it refuses every query. */
function isIndexUnready(error: unknown): boolean {
  return error instanceof Error && error.name === 'ValidationException';
}
