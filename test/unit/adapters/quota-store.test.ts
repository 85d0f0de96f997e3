import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createQuotaStore, QuotaContendedError } from '../../../functions/adapters/table/quota-store.ts';
import { NO_QUOTA, type Quota } from '../../../functions/core/quota.ts';

const dynamo = mockClient(DynamoDBDocumentClient);
const sleeps: number[] = [];
beforeEach(() => {
  dynamo.reset();
  sleeps.length = 0;
});

const store = createQuotaStore({
  client: dynamo as unknown as DynamoDBDocumentClient,
  tableName: 'rows',
  sleep: async (ms) => sleeps.push(ms),
  random: () => 0.5,
});
const conflict = new ConditionalCheckFailedException({ message: 'no', $metadata: {} });
const key = { pk: 'SOURCE#siteA', sk: 'QUOTA' };
const withUnit = (quota: Quota) => ({ quota: { ...quota, admitted: [...quota.admitted, 'unit'] } });

describe('decide', () => {
  it('reads with consistency, and writes over the version that it has read', async () => {
    const standing: Quota = { ...NO_QUOTA, version: 7, day: '2026-03-01', admitted: ['a'] };
    dynamo.on(GetCommand).resolves({ Item: { ...key, quota: standing } });
    dynamo.on(PutCommand).resolves({});
    const decided = await store.decide('siteA', withUnit);
    expect(decided.quota.admitted).toEqual(['a', 'unit']);
    expect(dynamo.commandCalls(GetCommand)[0]?.args[0].input).toEqual({
      TableName: 'rows',
      Key: key,
      ConsistentRead: true,
    });
    expect(dynamo.commandCalls(PutCommand)[0]?.args[0].input).toEqual({
      TableName: 'rows',
      Item: { ...key, quota: { ...standing, version: 8, admitted: ['a', 'unit'] } },
      ConditionExpression: 'quota.version = :version',
      ExpressionAttributeValues: { ':version': 7 },
    });
  });

  it('creates the first row only where there is none', async () => {
    dynamo.on(GetCommand).resolves({});
    dynamo.on(PutCommand).resolves({});
    await store.decide('siteA', withUnit);
    expect(dynamo.commandCalls(PutCommand)[0]?.args[0].input).toMatchObject({
      Item: { quota: { version: 1, admitted: ['unit'] } },
      ConditionExpression: 'attribute_not_exists(pk)',
    });
  });

  it('writes nothing where nothing was decided', async () => {
    dynamo.on(GetCommand).resolves({});
    const decided = await store.decide('siteA', (quota) => ({ quota, said: 'wait' }));
    expect(decided).toEqual({ quota: NO_QUOTA, said: 'wait' });
    expect(dynamo.commandCalls(PutCommand)).toHaveLength(0);
  });

  it('decides anew on what another run has written, after a wait that grows', async () => {
    const of = (version: number) => ({ Item: { ...key, quota: { ...NO_QUOTA, version } } });
    dynamo.on(GetCommand).resolvesOnce(of(1)).resolvesOnce(of(2)).resolves(of(3));
    dynamo.on(PutCommand).rejectsOnce(conflict).rejectsOnce(conflict).resolves({});
    const seen: number[] = [];
    await store.decide('siteA', (quota) => {
      seen.push(quota.version);
      return withUnit(quota);
    });
    expect(seen).toEqual([1, 2, 3]);
    expect(sleeps).toEqual([37.5, 75]);
  });

  it('gives up on a row that others keep changing, and throws what is no conflict', async () => {
    dynamo.on(GetCommand).resolves({});
    dynamo.on(PutCommand).rejects(conflict);
    await expect(store.decide('siteA', withUnit)).rejects.toThrow(QuotaContendedError);
    expect(Math.max(...sleeps)).toBe(600);
    dynamo.on(PutCommand).rejects(new Error('throttled'));
    await expect(store.decide('siteA', withUnit)).rejects.toThrow('throttled');
  });
});
