import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { SeriesId } from '../../instances/series-id.ts';
import type { JudgedSetStore } from '../../series/judged-set.ts';
import { readRows, type TableRef } from './batches.ts';
import { expiryAttribute } from './expiry.ts';
import { JUDGED_SET_PREFIX, seriesPk } from './keys.ts';

/** One row for each set, named by its fingerprint: of two runs that judge at once, the set of each is kept. */
export function createJudgedSetStore(table: TableRef): JudgedSetStore {
  const keyOf = (id: SeriesId, fingerprint: string) => ({
    pk: seriesPk(id),
    sk: JUDGED_SET_PREFIX + fingerprint,
  });
  return {
    async put(id, fingerprint, members, expiresAt) {
      const Item = { ...keyOf(id, fingerprint), members: members.join(' '), ...expiryAttribute(expiresAt) };
      await table.client.send(new PutCommand({ TableName: table.tableName, Item }));
    },
    async load(id, fingerprint) {
      const [row] = await readRows(table, [keyOf(id, fingerprint)]);
      if (row === undefined) return undefined;
      const members = String(row['members']);
      return members === '' ? [] : members.split(' ');
    },
  };
}
