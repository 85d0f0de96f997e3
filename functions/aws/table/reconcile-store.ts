import { DeleteCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { InstanceId } from '../../instances/instance.ts';
import { quarantineIdOf } from '../../instances/quarantine.ts';
import type {
  MissingObject,
  ReconcileStore,
  ReconciliationPass,
} from '../../recovery/reconcile/reconciliation.ts';
import { defined } from '../../shared/defined.ts';
import { readRows, type TableRef } from './batches.ts';
import { unlessRefused } from './conditions.ts';
import { INSTANCE_PREFIX, seriesPk } from './keys.ts';

const PASS_KEY = { pk: 'RECONCILE', sk: 'PASS' };
const MISSING_PK = 'RECONCILE#MISSING';
const MISSING_PAGE = 100;

/** Rows of reconciliation: the pass under way, and what was not found when it was first looked for. */
export function createReconcileStore(table: TableRef): ReconcileStore {
  const { client, tableName } = table;
  return {
    async loadPass() {
      const [row] = await readRows(table, [PASS_KEY]);
      return row?.['pass'] as ReconciliationPass | undefined;
    },
    async savePass(pass) {
      const outcome = await unlessRefused(
        client.send(
          new PutCommand({
            TableName: tableName,
            Item: { ...PASS_KEY, pass },
            ConditionExpression: 'attribute_not_exists(pk) OR pass.startedAt <= :startedAt',
            ExpressionAttributeValues: { ':startedAt': pass.startedAt },
          }),
        ),
      );
      return outcome === 'written' ? 'saved' : 'replaced';
    },
    async saveMissing(missing) {
      await unlessRefused(
        client.send(
          new PutCommand({
            TableName: tableName,
            Item: { ...missingKey(missing), missingObject: missing },
            // The first sight of this very object counts.
            ConditionExpression:
              'attribute_not_exists(pk) OR missingObject.#object.#key <> :key OR missingObject.#object.etag <> :etag',
            ExpressionAttributeNames: { '#object': 'object', '#key': 'key' },
            ExpressionAttributeValues: { ':key': missing.object.key, ':etag': missing.object.etag },
          }),
        ),
      );
    },
    async listMissing({ source, cursor }) {
      const answer = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: source === undefined ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :source)',
          ExpressionAttributeValues: {
            ':pk': MISSING_PK,
            ...(source === undefined ? {} : { ':source': `${source}#` }),
          },
          ConsistentRead: true,
          Limit: MISSING_PAGE,
          ...(cursor === undefined ? {} : { ExclusiveStartKey: { pk: MISSING_PK, sk: cursor } }),
        }),
      );
      const items = (answer.Items ?? []).map((row) => row['missingObject'] as MissingObject);
      const last = answer.LastEvaluatedKey;
      return last === undefined ? { items } : { items, cursor: String(last['sk']) };
    },
    async deleteMissing(id) {
      await client.send(new DeleteCommand({ TableName: tableName, Key: missingKey(id) }));
    },
    async removeInstance(instance) {
      const outcome = await unlessRefused(
        client.send(
          new DeleteCommand({
            TableName: tableName,
            Key: { pk: seriesPk(instance), sk: INSTANCE_PREFIX + instance.sopInstanceUid },
            ConditionExpression: '#object.#key = :key AND #object.etag = :etag AND indexedAt = :indexedAt',
            ExpressionAttributeNames: { '#object': 'object', '#key': 'key' },
            ExpressionAttributeValues: {
              ':key': instance.object.key,
              ':etag': instance.object.etag,
              ':indexedAt': instance.indexedAt,
            },
          }),
        ),
      );
      return outcome === 'written' ? 'removed' : 'changed';
    },
    async removeQuarantined(object) {
      const isSameContent =
        object.etag === undefined ? 'attribute_not_exists(#object.etag)' : '#object.etag = :etag';
      const outcome = await unlessRefused(
        client.send(
          new DeleteCommand({
            TableName: tableName,
            Key: { pk: `QUARANTINE#${quarantineIdOf(object.key)}`, sk: 'OBJECT' },
            ConditionExpression: `#object.#at = :at AND #object.reason = :reason AND ${isSameContent}`,
            ExpressionAttributeNames: { '#object': 'object', '#at': 'at' },
            ExpressionAttributeValues: {
              ':at': object.at,
              ':reason': object.reason,
              ...defined({ ':etag': object.etag }),
            },
          }),
        ),
      );
      return outcome === 'written' ? 'removed' : 'changed';
    },
  };
}

function missingKey(id: InstanceId) {
  return { pk: MISSING_PK, sk: `${seriesPk(id)}#${id.sopInstanceUid}` };
}
