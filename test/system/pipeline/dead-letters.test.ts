import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { redrive } from '../../../cli/commands/redrive.ts';
import { type CallApi, createApiCaller } from '../../../cli/target/call-api.ts';
import { runCli } from '../../support/cli/run-cli.ts';
import { type Pipeline, startPipeline } from '../../support/pipeline.ts';
import { until } from '../../support/until.ts';

interface Listing {
  items: { stage: string; cause: string; messageId: string; receives?: number }[];
  counts: { stage: string; cause: string; count: number }[];
}

let pipeline: Pipeline;
let sqs: SQSClient;
let call: CallApi;
beforeAll(async () => {
  pipeline = await startPipeline({ quietPeriodSeconds: 86_400 });
  sqs = new SQSClient(pipeline.host.cloud.clientConfig('sqs'));
  call = await createApiCaller({ kind: 'http', baseUrl: pipeline.host.console.url });
});
afterAll(async () => {
  sqs?.destroy();
  await pipeline?.stop();
});

const send = (output: string, body: string) =>
  sqs.send(new SendMessageCommand({ QueueUrl: pipeline.host.cloud.outputs[output], MessageBody: body }));
const list = () => call({ method: 'GET', path: '/v1/dead-letters' }) as Promise<Listing>;
const listed = (count: number) =>
  until(`${count} dead letters`, async () => {
    const listing = await list();
    return listing.items.length === count ? listing : undefined;
  });

it('moves a message that can never succeed to the dead letters at once, with its cause, on every queue', async () => {
  const outputs = Object.keys(pipeline.host.cloud.outputs).filter((name) => name.endsWith('QueueUrl'));
  expect(outputs.length).toBeGreaterThanOrEqual(4);
  for (const output of outputs) await send(output, 'rubbish');
  const { items } = await listed(outputs.length);
  expect(new Set(items.map(({ stage }) => stage)).size).toBe(outputs.length);
  for (const { stage, cause, receives } of items) {
    expect({ stage, cause, receives }).toEqual({
      stage,
      cause: stage === 'ingest' ? 'not_s3_event' : 'malformed_message',
      receives: 1,
    });
  }
});

it('redrives the dead letters of one cause; a message that fails again is a dead letter again, and the others stay', async () => {
  const before = await list();
  expect(await runCli(redrive, ['--cause', 'not_s3_event'], call)).toMatchObject({
    code: 0,
    lines: [expect.stringMatching(/^1 sent back, 0 refused/)],
  });
  const after = await listed(before.items.length);
  const idsOf = ({ items }: Listing, cause: string) =>
    items.filter((item) => item.cause === cause).map(({ messageId }) => messageId);
  expect(idsOf(after, 'malformed_message').sort()).toEqual(idsOf(before, 'malformed_message').sort());
  expect(idsOf(after, 'not_s3_event')).toHaveLength(1);
  expect(idsOf(after, 'not_s3_event')).not.toEqual(idsOf(before, 'not_s3_event'));
});

it('processes a valid message beside them without a dead letter', async () => {
  // Of a series that no row knows: an old message, which the stage drops.
  await send('ComputeQueueUrl', '{"source":"sitea","seriesInstanceUid":"1.2.3","ticket":1}');
  const { items } = await list();
  await until('every queue of work to be empty', async () => {
    const counts = Object.entries(pipeline.host.cloud.queueCounts());
    const work = counts.filter(([name]) => !name.includes('DeadLetters'));
    return work.every(([, { visible, inflight }]) => visible + inflight === 0) ? true : undefined;
  });
  expect((await list()).items).toHaveLength(items.length);
});
