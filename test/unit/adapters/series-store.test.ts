import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { dueShardOf } from '../../../functions/adapters/table/keys.ts';
import { createSeriesStore } from '../../../functions/adapters/table/series-store.ts';
import { doneRow, ROW_TIME, receivingRow } from '../../support/series-rows.ts';

const dynamo = mockClient(DynamoDBDocumentClient);
beforeEach(() => {
  dynamo.reset();
});

const store = createSeriesStore({ client: dynamo as unknown as DynamoDBDocumentClient, tableName: 'rows' });
const conflict = new ConditionalCheckFailedException({ message: 'no', $metadata: {} });
const arrival = {
  source: 'siteA',
  seriesInstanceUid: '1.2.3.2',
  studyInstanceUid: '1.2.3.1',
  now: ROW_TIME,
  dueAt: '2026-03-01T10:03:00.000Z',
};
const key = { pk: 'siteA#1.2.3.2', sk: 'SERIES' };

describe('save', () => {
  it('REQ-ORDER-1: writes the next version where the one that was read still stands', async () => {
    dynamo.on(PutCommand).resolves({});
    const series = receivingRow({ version: 7, dueAt: arrival.dueAt });
    expect(await store.save(series)).toEqual({ kind: 'saved', series: { ...series, version: 8 } });
    expect(dynamo.commandCalls(PutCommand)[0]?.args[0].input).toEqual({
      TableName: 'rows',
      Item: { ...series, ...key, version: 8, dueShard: dueShardOf(series), writeId: expect.any(String) },
      ConditionExpression: 'version = :version',
      ExpressionAttributeValues: { ':version': 7 },
    });
  });

  it('takes a series that is not due out of the index of what is due', async () => {
    dynamo.on(PutCommand).resolves({});
    await store.save(doneRow());
    expect(dynamo.commandCalls(PutCommand)[0]?.args[0].input.Item?.['dueShard']).toBeUndefined();
  });

  it('answers a conflict when somebody else was first, and throws anything else', async () => {
    dynamo.on(PutCommand).rejectsOnce(conflict).rejects(new Error('throttled'));
    dynamo.on(GetCommand).resolves({ Item: { ...receivingRow(), ...key, writeId: 'of somebody else' } });
    expect(await store.save(receivingRow())).toEqual({ kind: 'conflict' });
    await expect(store.save(receivingRow())).rejects.toThrow('throttled');
  });

  it('knows its own write again when the SDK has repeated it', async () => {
    dynamo.on(PutCommand).rejects(conflict);
    dynamo.on(GetCommand).callsFake(() => {
      const [written] = dynamo.commandCalls(PutCommand);
      return { Item: written?.args[0].input.Item };
    });
    expect(await store.save(receivingRow({ version: 7 }))).toMatchObject({
      kind: 'saved',
      series: { version: 8 },
    });
  });
});

describe('touch', () => {
  it.each([
    ['the first instance', { version: 1, ticket: 1 }, true, { kind: 'created', ticket: 1 }],
    ['a later one', { version: 5, ticket: 3 }, false, { kind: 'refreshed', ticket: 3 }],
    [
      'the first instance, repeated by the SDK',
      { version: 2, ticket: 1 },
      true,
      { kind: 'created', ticket: 1 },
    ],
  ])('tells %s', async (_name, Attributes, isOwn, expected) => {
    dynamo.on(UpdateCommand).callsFake(({ ExpressionAttributeValues: values }) => ({
      Attributes: { ...Attributes, writeId: isOwn ? values[':writeId'] : 'of the first' },
    }));
    expect(await store.touch(arrival)).toEqual(expected);
    const input = dynamo.commandCalls(UpdateCommand)[0]?.args[0].input;
    expect(input?.Key).toEqual(key);
    expect(input?.ConditionExpression).toBe('attribute_not_exists(pk) OR #state = :receiving');
  });

  it.each([
    ['with a modality', { ...arrival, modality: 'CT' }, true],
    ['without a modality', arrival, false],
  ])('names no attribute that it does not set: %s', async (_name, given, isNamed) => {
    dynamo.on(UpdateCommand).resolves({ Attributes: { version: 1, ticket: 1 } });
    await store.touch(given);
    const input = dynamo.commandCalls(UpdateCommand)[0]?.args[0].input;
    expect(input?.UpdateExpression?.includes(':modality')).toBe(isNamed);
    // DynamoDB refuses a request with a value that no expression uses.
    for (const name of Object.keys(input?.ExpressionAttributeValues ?? {})) {
      expect(`${input?.UpdateExpression} ${input?.ConditionExpression}`).toMatch(new RegExp(`${name}\\b`));
    }
  });

  it('answers that the series is closed, and throws anything else', async () => {
    dynamo.on(UpdateCommand).rejectsOnce(conflict).rejects(new Error('throttled'));
    expect(await store.touch(arrival)).toEqual({ kind: 'closed' });
    await expect(store.touch(arrival)).rejects.toThrow('throttled');
  });
});

describe('rearm', () => {
  const series = receivingRow({ version: 7, ticket: 3 });

  it('takes the next ticket of a receiving series, whatever its version', async () => {
    dynamo.on(UpdateCommand).resolves({});
    expect(await store.rearm(series, arrival.dueAt)).toEqual({ kind: 'rearmed', ticket: 4 });
    expect(dynamo.commandCalls(UpdateCommand)[0]?.args[0].input).toEqual({
      TableName: 'rows',
      Key: { pk: `${series.source}#${series.seriesInstanceUid}`, sk: 'SERIES' },
      UpdateExpression: 'SET ticket = :next, dueAt = :dueAt, writeId = :writeId ADD version :one',
      ConditionExpression: 'ticket = :ticket AND #state = :receiving',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: {
        ':ticket': 3,
        ':next': 4,
        ':dueAt': arrival.dueAt,
        ':writeId': expect.any(String),
        ':one': 1,
        ':receiving': 'RECEIVING',
      },
    });
  });

  it('answers a conflict when another message was first, and throws anything else', async () => {
    dynamo.on(UpdateCommand).rejectsOnce(conflict).rejects(new Error('throttled'));
    dynamo.on(GetCommand).resolves({ Item: { ...series, ...key, writeId: 'of somebody else' } });
    expect(await store.rearm(series, arrival.dueAt)).toEqual({ kind: 'conflict' });
    await expect(store.rearm(series, arrival.dueAt)).rejects.toThrow('throttled');
  });

  it('knows its own write again when the SDK has repeated it', async () => {
    dynamo.on(UpdateCommand).rejects(conflict);
    dynamo.on(GetCommand).callsFake(() => {
      const [written] = dynamo.commandCalls(UpdateCommand);
      return { Item: { writeId: written?.args[0].input.ExpressionAttributeValues?.[':writeId'] } };
    });
    expect(await store.rearm(series, arrival.dueAt)).toEqual({ kind: 'rearmed', ticket: 4 });
  });
});

it('postpone moves only what is due, and is quiet about a series that has become final', async () => {
  dynamo.on(UpdateCommand).resolvesOnce({}).rejectsOnce(conflict).rejects(new Error('throttled'));
  await store.postpone(arrival, arrival.dueAt);
  expect(dynamo.commandCalls(UpdateCommand)[0]?.args[0].input.ConditionExpression).toBe(
    'attribute_exists(dueAt)',
  );
  await store.postpone(arrival, arrival.dueAt);
  await expect(store.postpone(arrival, arrival.dueAt)).rejects.toThrow('throttled');
});

it('load is strongly consistent and leaves the table attributes out', async () => {
  const series = receivingRow();
  dynamo
    .on(GetCommand)
    .resolvesOnce({ Item: { ...series, ...key, dueShard: '1' } })
    .resolves({});
  expect(await store.load(series)).toEqual(series);
  expect(dynamo.commandCalls(GetCommand)[0]?.args[0].input).toMatchObject({ Key: key, ConsistentRead: true });
  expect(await store.load(series)).toBeUndefined();
});
