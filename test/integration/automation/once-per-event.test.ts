import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { startTables } from '../../../local/cloud/table.ts';
import { examplesOf } from '../../support/page-examples.ts';

const TABLE = 'seen';
/** Longer ago than the example takes a claim for alive. */
const STALE_SECONDS = 301;

const folder = mkdtempSync(join(tmpdir(), 'once-per-event-'));
let tables: Awaited<ReturnType<typeof startTables>>;
let client: DynamoDBClient;

beforeAll(async () => {
  tables = await startTables({ dataDir: folder });
  const properties = {
    KeySchema: [{ AttributeName: 'eventId', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'eventId', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
  };
  await tables.apply([{ logicalId: 'Seen', name: TABLE, properties }]);
  // As Lambda's environment has it: the example makes its client without options.
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', tables.url);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  vi.stubEnv('TABLE_NAME', TABLE);
  client = new DynamoDBClient({});
});
afterAll(async () => {
  vi.unstubAllEnvs();
  client.destroy();
  await tables.close();
  rmSync(folder, { recursive: true, force: true });
});

let eventId = '';
beforeEach(() => {
  eventId = crypto.randomUUID();
  vi.spyOn(console, 'error').mockImplementation(() => {});
});

interface Answer {
  batchItemFailures: { itemIdentifier: string }[];
}

/** The code of the example, with other work in place of its own. */
function consumer(work: (detail: { eventId: string }) => Promise<void>) {
  const page =
    examplesOf('docs/automation.md', 'ts').find(({ name }) => name === 'once-per-event.ts')?.text ?? '';
  const code = /^const CONSUMER = `\n(.*?)^`;/ms.exec(page)?.[1] ?? '';
  const ownWork = /^async function work\(detail\) \{.*?^\}$/ms;
  if (!ownWork.test(code)) throw new Error('Expected the example to have a function work(detail).');
  const exports: { handler?: (event: object) => Promise<Answer> } = {};
  const run = new Function('require', 'exports', 'work', code.replace(ownWork, ''));
  run(createRequire(import.meta.url), exports, work);
  const { handler } = exports;
  if (handler === undefined) throw new Error('Expected the example to export a handler.');
  return (...eventIds: string[]) =>
    handler({
      Records: eventIds.map((id, at) => ({
        messageId: `m${at}`,
        body: JSON.stringify({ 'detail-type': 'Series Done', detail: { eventId: id } }),
      })),
    });
}

async function stateOf(id: string): Promise<string | undefined> {
  const { Item } = await client.send(new GetItemCommand({ TableName: TABLE, Key: { eventId: { S: id } } }));
  return Item?.state?.S;
}

it('runs the action once for two deliveries of one event', async () => {
  const work = vi.fn(async () => {});
  const consume = consumer(work);
  expect(await consume(eventId)).toEqual({ batchItemFailures: [] });
  expect(await consume(eventId)).toEqual({ batchItemFailures: [] });
  expect(work).toHaveBeenCalledTimes(1);
  expect(await stateOf(eventId)).toBe('done');
});

it('runs the action once for two deliveries in one batch', async () => {
  const work = vi.fn(async () => {});
  await consumer(work)(eventId, eventId);
  expect(work).toHaveBeenCalledTimes(1);
});

it('returns the second of two concurrent deliveries to the queue, and skips it when it is redelivered', async () => {
  let finish = () => {};
  const work = vi.fn(() => new Promise<void>((done) => (finish = done)));
  const consume = consumer(work);
  const first = consume(eventId);
  await vi.waitFor(async () => expect(work).toHaveBeenCalledTimes(1));
  expect(await consume(eventId)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
  finish();
  expect(await first).toEqual({ batchItemFailures: [] });
  expect(await consume(eventId)).toEqual({ batchItemFailures: [] });
  expect(work).toHaveBeenCalledTimes(1);
});

it('runs a failed action again when its claim has expired', async () => {
  const work = vi.fn(async () => {});
  work.mockRejectedValueOnce(new Error('the other side is down'));
  const consume = consumer(work);
  expect(await consume(eventId)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
  expect(await stateOf(eventId)).toBe('claimed');
  expect(await consume(eventId)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
  await age(eventId);
  expect(await consume(eventId)).toEqual({ batchItemFailures: [] });
  expect(work).toHaveBeenCalledTimes(2);
  expect(await stateOf(eventId)).toBe('done');
});

it('does not repeat a completed action, however old', async () => {
  const work = vi.fn(async () => {});
  const consume = consumer(work);
  await consume(eventId);
  await age(eventId);
  await consume(eventId);
  expect(work).toHaveBeenCalledTimes(1);
});

it('reports only the failed message of a batch', async () => {
  const other = crypto.randomUUID();
  const work = async (detail: { eventId: string }) => {
    if (detail.eventId === eventId) throw new Error('not this one');
  };
  expect(await consumer(work)(eventId, other)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
  expect(await stateOf(other)).toBe('done');
});

async function age(id: string): Promise<void> {
  await client.send(
    new UpdateItemCommand({
      TableName: TABLE,
      Key: { eventId: { S: id } },
      UpdateExpression: 'SET claimedAt = claimedAt - :age',
      ExpressionAttributeValues: { ':age': { N: String(STALE_SECONDS) } },
    }),
  );
}
