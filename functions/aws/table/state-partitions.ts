import { SERIES_STATES, type SeriesState } from '../../series/series-facts.ts';
import type { SeriesQuery } from '../../series/series-store.ts';
import { DONE_KEYS, SOURCE_STATE_INDEX, STATE_INDEX, shardsOf, sourceAndState } from './keys.ts';
import type { IndexPartition } from './merged-index.ts';

type WantedPartitions = Pick<SeriesQuery, 'source' | 'state' | 'isCriticalOnly'>;

/** Reads the partitions of an index that have the series of these states, of some sources or of all. */
export async function overStates<T>(
  { source, state = SERIES_STATES, isCriticalOnly = false }: WantedPartitions,
  read: (partitions: IndexPartition[]) => Promise<T>,
): Promise<T> {
  const keys = [state].flat().flatMap((one) => keysOf(one, isCriticalOnly));
  if (source === undefined) return read(ofKeys(keys));
  const sources = [source].flat();
  try {
    return await read(sources.flatMap((one) => ofSource(one, keys)));
  } catch (error) {
    if (!isIndexUnready(error)) throw error;
    return read(sources.flatMap((one) => ofKeys(keys, `${one}#`)));
  }
}

function keysOf(state: SeriesState, isCriticalOnly: boolean): string[] {
  if (state !== 'DONE') return [state];
  const { critical, other, earlier } = DONE_KEYS;
  return isCriticalOnly ? [critical, earlier] : [critical, other, earlier];
}

function ofKeys(keys: readonly string[], pkPrefix?: string): IndexPartition[] {
  const filter = pkPrefix === undefined ? {} : { pkPrefix };
  return keys.flatMap(shardsOf).map((key) => ({ indexName: STATE_INDEX, keyName: 'state', key, ...filter }));
}

function ofSource(source: string, keys: readonly string[]): IndexPartition[] {
  return keys
    .flatMap((key) => shardsOf(sourceAndState(source, key)))
    .map((key) => ({ indexName: SOURCE_STATE_INDEX, keyName: 'sourceAndState', key }));
}

/** An upgrade has added the index, and DynamoDB is still filling it: until then it refuses every query. */
function isIndexUnready(error: unknown): boolean {
  return error instanceof Error && error.name === 'ValidationException';
}
