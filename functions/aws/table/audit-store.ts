import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Action, ActionsPage, ActionsQuery, AuditStore } from '../../series/audit.ts';
import { InvalidCursorError } from '../../series/series-store.ts';
import { addSeconds } from '../../shared/time.ts';
import type { Row, TableRef } from './batches.ts';
import { ACTION_PREFIX, seriesPk } from './keys.ts';

const DAY_SECONDS = 86_400;
const MAX_DAYS = 31;
/** Behind every time of a day, and every id. */
const END = '~';

export function createAuditStore(table: TableRef): AuditStore {
  const { client, tableName } = table;
  const put = async (key: { pk: string; sk: string }, action: Action) => {
    await client.send(new PutCommand({ TableName: tableName, Item: toRow(key, action) }));
  };
  return {
    async add(action) {
      const place = `${action.at}#${action.id}`;
      if (action.series !== undefined)
        await put({ pk: seriesPk(action.series), sk: ACTION_PREFIX + place }, action);
      if (action.partOf === undefined) await put({ pk: pkOfDay(action.at), sk: place }, action);
    },
    async ofSeries(id, limit) {
      const answer = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': seriesPk(id), ':prefix': ACTION_PREFIX },
          ScanIndexForward: false,
          ConsistentRead: true,
          Limit: limit,
        }),
      );
      return (answer.Items ?? []).map(toAction);
    },
    list: (query) => list(table, query),
  };
}

async function list(table: TableRef, { since, until, limit, cursor }: ActionsQuery): Promise<ActionsPage> {
  const actions: Action[] = [];
  // Everything from here on has been listed; a sort key, or the end of a day.
  let before = cursor === undefined ? until : placeOf(cursor);
  for (let days = 0; before > since; days += 1) {
    if (days === MAX_DAYS) return { actions, cursor: before };
    const found = await readDay(table, before, since, limit - actions.length + 1);
    for (const { place, action } of found) {
      if (actions.length === limit) return { actions, cursor: before };
      actions.push(action);
      before = place;
    }
    before = addSeconds(`${before.slice(0, 10)}T00:00:00.000Z`, -DAY_SECONDS).slice(0, 10) + END;
  }
  return { actions };
}

async function readDay({ client, tableName }: TableRef, before: string, since: string, limit: number) {
  const answer = await client.send(
    new QueryCommand({
      TableName: tableName,
      KeyConditionExpression: 'pk = :pk AND sk < :before',
      ExpressionAttributeValues: { ':pk': pkOfDay(before), ':before': before },
      ScanIndexForward: false,
      Limit: limit,
    }),
  );
  return (answer.Items ?? [])
    .map((row) => ({ place: String(row['sk']), action: toAction(row) }))
    .filter(({ place }) => place >= since);
}

/** Throws `InvalidCursorError`. */
function placeOf(cursor: string): string {
  const isPlace = /^\d{4}-\d\d-\d\d(?:~|T[0-9:.]{8,12}Z#[A-Za-z0-9-]{1,64})$/.test(cursor);
  if (isPlace && !Number.isNaN(Date.parse(cursor.slice(0, 10)))) return cursor;
  throw new InvalidCursorError('cursor: expected one that an earlier page gave; start again without one');
}

function pkOfDay(time: string): string {
  return `AUDIT#${time.slice(0, 10)}`;
}

/** Every attribute of the row: what makes rows expire belongs here. */
function toRow(key: { pk: string; sk: string }, action: Action): Row {
  return { ...key, action };
}

function toAction(row: Row): Action {
  return row['action'] as Action;
}
