import type { QuarantineStore } from '../../instances/quarantine.ts';
import { type QuarantinedObject, quarantineIdOf } from '../../instances/quarantine.ts';
import { defined } from '../../shared/defined.ts';
import { type Row, readRows, type TableRef, writeRows } from './batches.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { expiryAttribute } from './expiry.ts';
import { STATE_INDEX, shardedKey, shardsOf } from './keys.ts';
import { MergedIndex } from './merged-index.ts';

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
  const partitions = shardsOf(QUARANTINED).map((key) => ({ indexName: STATE_INDEX, keyName: 'state', key }));
  const positions = await new MergedIndex(table, partitions, limit, defined({ after })).take(limit + 1);
  const shown = positions.slice(0, limit);
  const rows = await readRows(
    table,
    shown.map(({ pk }) => ({ pk, sk: 'OBJECT' })),
  );
  const byPk = new Map(rows.map((row) => [row['pk'], toObject(row)]));
  const items = shown.flatMap(({ pk }) => byPk.get(pk) ?? []);
  const last = shown.at(-1);
  return positions.length > limit && last !== undefined ? { items, cursor: encodeCursor(last) } : { items };
}

function keyOf(key: string) {
  return { pk: `QUARANTINE#${quarantineIdOf(key)}`, sk: 'OBJECT' };
}

function toRow({ expiresAt, ...object }: QuarantinedObject): Row {
  const key = keyOf(object.key);
  const state = shardedKey(QUARANTINED, key.pk);
  return { ...key, state, changedAt: object.at, object, ...expiryAttribute(expiresAt) };
}

function toObject(row: Row): QuarantinedObject {
  return row['object'] as QuarantinedObject;
}
