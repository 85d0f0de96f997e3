import { SERIES_STATES } from '../../series/series-facts.ts';
import type { SeriesQuery } from '../../series/series-store.ts';
import { SOURCE_STATE_INDEX, STATE_INDEX, shardsOf, sourceAndState } from './keys.ts';
import type { IndexPartition } from './merged-index.ts';

type WantedPartitions = Pick<SeriesQuery, 'source' | 'state'>;

/** Reads the partitions of an index that have the series of these states, of some sources or of all. */
export async function overStates<T>(
  { source, state = SERIES_STATES }: WantedPartitions,
  read: (partitions: IndexPartition[]) => Promise<T>,
): Promise<T> {
  const states = [state].flat();
  if (source === undefined) return read(ofStates(states));
  const sources = [source].flat();
  try {
    return await read(sources.flatMap((one) => ofSource(one, states)));
  } catch (error) {
    if (!isIndexUnready(error)) throw error;
    return read(sources.flatMap((one) => ofStates(states, `${one}#`)));
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
