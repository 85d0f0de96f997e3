import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from 'vitest';
import { clientConfig } from '../../../local/cloud/endpoints.ts';
import { type LocalCloud, startCloud } from '../../../local/cloud/start-cloud.ts';
import { eventually, FixtureStack } from '../local-cloud/fixture-stack.ts';

let fixture: FixtureStack;
let cloud: LocalCloud;
afterEach(async () => {
  await cloud.stop(0);
  fixture.remove();
});

/** A queue that hides its messages for longer than any test takes: what comes again was given back. */
async function startWithLongVisibility(): Promise<(body: string) => Promise<unknown>> {
  fixture = new FixtureStack({
    workQueue: { VisibilityTimeout: 3600 },
    work: { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } },
  });
  const { templatePath, dataDir } = fixture;
  cloud = await startCloud({ templatePath, dataDir, s3Port: 0, log: () => {} });
  cloud.begin();
  const sqs = new SQSClient(clientConfig(cloud.endpoints, 'sqs'));
  const QueueUrl = `${cloud.endpoints.sqs}/000000000000/WorkQueue`;
  return (body) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
}

const receives = (what: string) =>
  fixture
    .seen()
    .filter((seen) => seen.what === what)
    .map(({ receiveCount }) => receiveCount);

describe('messages of a function', () => {
  it('are redelivered at once if the process of the function ended', async () => {
    const send = await startWithLongVisibility();
    await send('exit-once');
    await eventually(() => receives('exit-once').length === 2);
    expect(receives('exit-once')).toEqual([1, 2]);
    await eventually(() => cloud.queueCounts()['WorkQueue']?.inflight === 0);
  });

  it('are redelivered at once to another process if the process was killed', async () => {
    const send = await startWithLongVisibility();
    await send('nap');
    await eventually(() => cloud.queueCounts()['WorkQueue']?.inflight === 0 && receives('nap').length === 1);
    await send('hang-once');
    const pid = await eventually(() => fixture.seen().find(({ what }) => what === 'hang-once')?.pid);
    process.kill(pid, 'SIGKILL');
    await eventually(() => receives('hang-once').length === 2);
    const pids = fixture.seen().filter(({ what }) => what === 'hang-once');
    expect(new Set(pids.map((seen) => seen.pid)).size).toBe(2);
  });

  it('are redelivered after the visibility timeout if the function failed, as with Lambda', async () => {
    const send = await startWithLongVisibility();
    await send('throw-once');
    await eventually(() => receives('throw-once').length === 1);
    // Given back later than the other would have been.
    await send('exit-once');
    await eventually(() => receives('exit-once').length === 2);
    expect(receives('throw-once')).toEqual([1]);
    expect(cloud.queueCounts()['WorkQueue']).toMatchObject({ visible: 0, delayed: 0 });
  });
});
