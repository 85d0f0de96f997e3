import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { QuarantineStore } from '../../instances/quarantine.ts';
import { type QuarantinedObject, quarantineIdOf } from '../../instances/quarantine.ts';
import { type Row, readRows, type TableRef, writeRows } from './batches.ts';
import { STATE_INDEX } from './keys.ts';
import { decodeCursor, encodeCursor } from './series-listing.ts';

/** Quarantine rows share the index of states under a name that is no series' state. */
const QUARANTINED = 'QUARANTINED';

export function createQuarantineStore(table: TableRef): QuarantineStore {
  return {
    find: async (keys) => (await readRows(table, keys.map(keyOf))).map(toObject),
    put: (objects) => writeRows(table, objects.map(toRow)),
    remove: (keys) => writeRows(table, [], keys.map(keyOf)),
    list: (query) => list(table, query),
  };
}

async function list(table: TableRef, { limit, cursor }: { limit: number; cursor?: string }) {
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  const answer = await table.client.send(
    new QueryCommand({
      TableName: table.tableName,
      IndexName: STATE_INDEX,
      KeyConditionExpression: '#state = :state',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: { ':state': QUARANTINED },
      ScanIndexForward: false,
      Limit: limit,
      ...(after === undefined
        ? {}
        : {
            ExclusiveStartKey: { pk: after.pk, sk: 'OBJECT', state: QUARANTINED, changedAt: after.changedAt },
          }),
    }),
  );
  const found = answer.Items ?? [];
  const rows = await readRows(
    table,
    found.map((row) => ({ pk: String(row['pk']), sk: 'OBJECT' })),
  );
  const byPk = new Map(rows.map((row) => [row['pk'], toObject(row)]));
  const items = found.flatMap((row) => byPk.get(row['pk']) ?? []);
  const last = answer.LastEvaluatedKey;
  return last === undefined
    ? { items }
    : { items, cursor: encodeCursor({ changedAt: last['changedAt'], pk: last['pk'] }) };
}

function keyOf(key: string) {
  return { pk: `QUARANTINE#${quarantineIdOf(key)}`, sk: 'OBJECT' };
}

function toRow(object: QuarantinedObject): Row {
  return { ...keyOf(object.key), state: QUARANTINED, changedAt: object.at, object };
}

function toObject(row: Row): QuarantinedObject {
  return row['object'] as QuarantinedObject;
}
