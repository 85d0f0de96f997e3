import { setTimeout as wait } from 'node:timers/promises';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { SourceStateStore } from '../../admission/source-state.ts';
import { NEW_SOURCE_STATE, type SourceState } from '../../admission/source-state.ts';
import type { TableRef } from './batches.ts';
import { unlessRefused } from './conditions.ts';

/** At most fourteen runs of the compute stage are at the row at once; each conflict means that one of them has got through. */
const MAX_ATTEMPTS = 20;
const LONGEST_PAUSE_MS = 800;

/** Other runs saved the row of a source between each of our reading and saving it. Transient: the message comes again. */
export class SourceContendedError extends Error {
  override name = 'SourceContendedError';
}

export function createSourceStateStore(table: TableRef): SourceStateStore {
  const { sleep = wait, random = Math.random } = table;
  return {
    async decide(source, decision) {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
        const standing = await load(table, source);
        const decided = decision(standing);
        if (decided.state === standing) return decided;
        // Should the answer to this write get lost, the SDK's repetition conflicts with it, and the same is decided again.
        if ((await save(table, source, decided.state)) === 'written') return decided;
        await sleep(Math.min(LONGEST_PAUSE_MS, 25 * 2 ** attempt) * (0.5 + random() / 2));
      }
      throw new SourceContendedError(
        `the row of the source ${source} changed ${MAX_ATTEMPTS} times while it was decided on; the message comes again`,
      );
    },
  };
}

async function load({ client, tableName }: TableRef, source: string): Promise<SourceState> {
  const answer = await client.send(
    new GetCommand({ TableName: tableName, Key: keyOf(source), ConsistentRead: true }),
  );
  return (answer.Item?.['sourceState'] as SourceState | undefined) ?? NEW_SOURCE_STATE;
}

async function save({ client, tableName }: TableRef, source: string, state: SourceState) {
  return unlessRefused(
    client.send(
      new PutCommand({
        TableName: tableName,
        Item: { ...keyOf(source), sourceState: { ...state, version: state.version + 1 } },
        ...(state.version === 0
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: 'sourceState.version = :version',
              ExpressionAttributeValues: { ':version': state.version },
            }),
      }),
    ),
  );
}

function keyOf(source: string) {
  return { pk: `SOURCE#${source}`, sk: 'STATE' };
}
