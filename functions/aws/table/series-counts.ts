import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { SERIES_STATES } from '../../series/series-facts.ts';
import type { CountQuery, StateCount } from '../../series/series-store.ts';
import { defined } from '../../shared/defined.ts';
import type { Row, TableRef } from './batches.ts';
import { type IndexPartition, queryOf } from './merged-index.ts';
import { overStates } from './state-partitions.ts';

/** Entries of one shard that are counted at most, some 10,000 of a state. Twenty of them cost half a read unit. */
const MAX_ENTRIES = 2_500;

/** Counts the entries of the index, without the rows. A state with more of them than are counted has at least so many. */
export async function countSeries(
  table: TableRef,
  { states = SERIES_STATES, source, ...range }: CountQuery,
): Promise<StateCount[]> {
  return Promise.all(
    states.map(async (state) => {
      const shards = await overStates({ state, ...defined({ source }) }, (partitions) =>
        Promise.all(partitions.map((partition) => countPartition(table, partition, range))),
      );
      const count = shards.reduce((sum, shard) => sum + shard.count, 0);
      return { state, count, isComplete: shards.every(({ isComplete }) => isComplete) };
    }),
  );
}

async function countPartition(
  table: TableRef,
  partition: IndexPartition,
  range: Pick<CountQuery, 'since' | 'until'>,
) {
  const query = queryOf(table, partition, range);
  if (query === 'none') return { count: 0, isComplete: true };
  let count = 0;
  let left = MAX_ENTRIES;
  let startKey: Row | undefined;
  do {
    const answer = await table.client.send(
      new QueryCommand({
        ...query,
        Select: 'COUNT',
        Limit: left,
        ...defined({ ExclusiveStartKey: startKey }),
      }),
    );
    count += answer.Count ?? 0;
    left -= answer.ScannedCount ?? 0;
    startKey = answer.LastEvaluatedKey;
  } while (startKey !== undefined && left > 0);
  return { count, isComplete: startKey === undefined };
}
