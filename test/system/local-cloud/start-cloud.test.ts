import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from 'vitest';
import { clientConfig, type Endpoints } from '../../../local/cloud/endpoints.ts';
import type { LogEntry } from '../../../local/cloud/run-functions.ts';
import { type LocalCloud, type StartCloudOptions, startCloud } from '../../../local/cloud/start-cloud.ts';
import { eventually, FixtureStack } from './fixture-stack.ts';

let fixture: FixtureStack;
let cloud: LocalCloud | undefined;
let log: LogEntry[] = [];

async function start(options: Partial<StartCloudOptions> = {}): Promise<LocalCloud> {
  const { templatePath, dataDir } = fixture;
  log = [];
  cloud = await startCloud({ templatePath, dataDir, s3Port: 0, log: (entry) => log.push(entry), ...options });
  cloud.begin();
  return cloud;
}
afterEach(async () => {
  await cloud?.stop(0);
  cloud = undefined;
  fixture.remove();
});

const sqsClient = (endpoints: Endpoints) => new SQSClient(clientConfig(endpoints, 'sqs'));
const workQueue = (endpoints: Endpoints) => `${endpoints.sqs}/000000000000/WorkQueue`;
const send = (endpoints: Endpoints, body: string) =>
  sqsClient(endpoints).send(new SendMessageCommand({ QueueUrl: workQueue(endpoints), MessageBody: body }));
const sendAll = (endpoints: Endpoints, bodies: readonly string[]) => {
  const entries = bodies.map((body, i) => ({ Id: String(i), MessageBody: body }));
  return sqsClient(endpoints).send(
    new SendMessageBatchCommand({ QueueUrl: workQueue(endpoints), Entries: entries }),
  );
};
const put = (endpoints: Endpoints, key: string, body = 'x') =>
  new S3Client(clientConfig(endpoints, 's3')).send(
    new PutObjectCommand({ Bucket: 'qure-dropoff-drop', Key: key, Body: body }),
  );
const timesSeen = (what: string) => fixture.seen().filter((seen) => seen.what === what);
const isEmpty = ({ visible, inflight, delayed }: { visible: number; inflight: number; delayed: number }) =>
  visible + inflight + delayed === 0;
const workIsDone = () =>
  eventually(() => isEmpty(cloud?.queueCounts().WorkQueue ?? { visible: 1, inflight: 0, delayed: 0 }));
const deadLetters = () => cloud?.queueCounts().DeadLetters?.visible;

describe('a dropped object', () => {
  it.each(['default/1.dcm', 'a b/c+d.dcm', '100%/ä/頭部.dcm', 'x//y'])(
    'is delivered to the function with its key: %s',
    async (key) => {
      fixture = new FixtureStack();
      const { endpoints } = await start();
      await put(endpoints, key);
      await eventually(() => timesSeen(key).length === 1);
      await workIsDone();
    },
  );
});

/** So much that a batch of a process that is warm ends within it on any machine, and no more, since tests wait for it to pass. */
const VISIBILITY_SECONDS = 10;

/** Starts with a process that has worked before: what it is given next takes no start of a process. */
async function startWarm(): Promise<LocalCloud> {
  fixture = new FixtureStack({ workQueue: { VisibilityTimeout: VISIBILITY_SECONDS } });
  const started = await start();
  await send(started.endpoints, 'warm');
  await eventually(() => timesSeen('warm').length > 0);
  await workIsDone();
  return started;
}

describe('a batch', () => {
  it('is redelivered in its failed items only, which then go to the dead letters', async () => {
    const { endpoints } = await startWarm();
    await sendAll(endpoints, ['ok', 'fail', 'fail-once']);
    await workIsDone();
    expect(timesSeen('ok')).toHaveLength(1);
    expect(timesSeen('fail-once').map(({ receiveCount }) => receiveCount)).toEqual([1, 2]);
    const [first, second] = timesSeen('fail');
    expect((second?.atMs ?? 0) - (first?.firstReceiveMs ?? 0)).toBeGreaterThanOrEqual(
      VISIBILITY_SECONDS * 1000,
    );
    expect(timesSeen('fail')).toHaveLength(2);
    expect(deadLetters()).toBe(1);
  });

  it.each([
    ['throws', 'throw-once', /thrown on purpose/],
    ['ends its process', 'exit-once', /exit code 3/],
    ['reports an item that is not in the batch', 'lie-once', /unknown items/],
    ['runs out of time', 'hang-once', /timed out after 5\.00 seconds/],
  ])('is redelivered as a whole if the function %s', async (_how, body, problem) => {
    const { endpoints } = await startWarm();
    await sendAll(endpoints, ['ok', body]);
    await workIsDone();
    expect(timesSeen('ok').map(({ receiveCount }) => receiveCount)).toEqual([1, 2]);
    expect(timesSeen(body).map(({ receiveCount }) => receiveCount)).toEqual([1, 2]);
    expect(log.filter(({ from }) => from === 'host').map(({ message }) => message)).toEqual([
      expect.stringMatching(problem),
    ]);
    expect(deadLetters()).toBe(0);
  });

  it('collects more messages than one receive returns, within its window', async () => {
    fixture = new FixtureStack({
      workQueue: { VisibilityTimeout: 60 },
      work: { BatchSize: 25, MaximumBatchingWindowInSeconds: 2 },
    });
    const { endpoints } = await start();
    const names = Array.from({ length: 25 }, (_, i) => `m${i}`);
    await Promise.all(
      [names.slice(0, 10), names.slice(10, 20), names.slice(20)].map((part) => sendAll(endpoints, part)),
    );
    await workIsDone();
    expect(
      fixture
        .seen()
        .map(({ what }) => what)
        .sort(),
    ).toEqual(names.toSorted());
    expect(Math.max(...fixture.seen().map(({ batch }) => batch))).toBeGreaterThan(10);
  });

  it('is delivered when its window ends, although it is not full', async () => {
    fixture = new FixtureStack({
      workQueue: { VisibilityTimeout: 60 },
      work: { BatchSize: 25, MaximumBatchingWindowInSeconds: 1 },
    });
    const { endpoints } = await start();
    await send(endpoints, 'alone');
    await workIsDone();
    expect(timesSeen('alone')).toMatchObject([{ batch: 1, receiveCount: 1 }]);
  });

  it('never has more concurrent invocations than the mapping allows', async () => {
    fixture = new FixtureStack({
      workQueue: { VisibilityTimeout: 60 },
      work: { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } },
    });
    const { endpoints } = await start({ maxConcurrency: 8 });
    for (let i = 0; i < 5; i++)
      await sendAll(
        endpoints,
        Array.from({ length: 10 }, () => 'nap'),
      );
    await workIsDone();
    const startsMs = timesSeen('nap').map(({ atMs }) => atMs);
    expect(startsMs).toHaveLength(50);
    const atOnce = startsMs.map(
      (startMs) => startsMs.filter((ms) => ms <= startMs && ms > startMs - 25).length,
    );
    expect(Math.max(...atOnce)).toBeLessThanOrEqual(2);
  });
});

describe('the cloud', () => {
  it('runs every schedule once at its start', async () => {
    const record = { body: 'scheduled', attributes: { ApproximateReceiveCount: '1' } };
    fixture = new FixtureStack({ scheduleInput: JSON.stringify({ Records: [record] }) });
    await start();
    await eventually(() => timesSeen('scheduled').length === 1);
  });

  it('answers, and reads no queue before it is told to begin', async () => {
    fixture = new FixtureStack();
    const { templatePath, dataDir } = fixture;
    cloud = await startCloud({ templatePath, dataDir, s3Port: 0 });
    await send(cloud.endpoints, 'waits');
    expect(await cloud.invoke('echo', { id: 1 })).toMatchObject({ event: { id: 1 } });
    expect(cloud.queueCounts().WorkQueue).toMatchObject({ visible: 1, inflight: 0 });
    cloud.begin();
    await eventually(() => timesSeen('waits').length === 1);
  });

  it('invokes a function by a part of its name, and reports an ambiguous one', async () => {
    fixture = new FixtureStack();
    const { invoke } = await start();
    expect(await invoke('echo', { id: 1 })).toMatchObject({ event: { id: 1 } });
    await expect(invoke('function', {})).rejects.toThrow('Expected one function named like function, got 3');
  });

  it('gives functions the endpoints of all services and the local names', async () => {
    fixture = new FixtureStack();
    const { endpoints, invoke } = await start({ environment: { EXTRA: 'yes' } });
    expect(await invoke('echo', { do: 'environment' })).toMatchObject({
      QUEUE_URL: workQueue(endpoints),
      TABLE_NAME: 'rows',
      EXTRA: 'yes',
      AWS_ENDPOINT_URL_S3: endpoints.s3,
      AWS_ENDPOINT_URL_SQS: endpoints.sqs,
      AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
      AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.eventBridge,
      AWS_ENDPOINT_URL_SSM: endpoints.ssm,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsManager,
    });
  });

  it('stores events in a file before it delivers them', async () => {
    fixture = new FixtureStack();
    const told: string[] = [];
    const kept = () => readFileSync(join(fixture.dataDir, 'events.jsonl'), 'utf8');
    const { endpoints } = await start({ onEvent: (event) => told.push(`${kept().includes(event.id)}`) });
    const client = new EventBridgeClient(clientConfig(endpoints, 'eventBridge'));
    await client.send(
      new PutEventsCommand({
        Entries: [{ Source: 'qure-dropoff', DetailType: 'Series Done', Detail: '{}' }],
      }),
    );
    expect(told).toEqual(['true']);
  });

  it('stores the log lines of functions', async () => {
    fixture = new FixtureStack();
    const { invoke } = await start();
    await invoke('echo', {});
    const path = join(fixture.dataDir, 'logs', 'EchoFunction.log');
    await eventually(() => readFileSync(path, 'utf8').includes('echo is loaded'));
  });

  it('refuses a data directory in use, and frees what it had taken when a start fails', async () => {
    fixture = new FixtureStack();
    const { stop } = await start();
    const again = () =>
      startCloud({ templatePath: fixture.templatePath, dataDir: fixture.dataDir, s3Port: 0 });
    await expect(again()).rejects.toThrow(/in use by process \d+/);
    await stop(0);
    const { dataDir } = fixture;
    await expect(startCloud({ templatePath: 'missing', dataDir, s3Port: 0 })).rejects.toThrow(
      /npm run synth/,
    );
    await (await again()).stop(0);
  });

  it('finishes running work when it is stopped, and resumes the rest at the next start', async () => {
    fixture = new FixtureStack({ work: { BatchSize: 1 } });
    const { endpoints, stop } = await start({ maxConcurrency: 1 });
    for (let i = 0; i < 10; i++)
      await sendAll(
        endpoints,
        Array.from({ length: 10 }, (_, k) => `m${i}.${k}`),
      );
    await eventually(() => fixture.seen().length > 5);
    await stop();
    const before = fixture.seen().length;
    await start();
    await workIsDone();
    expect(fixture.seen()).toHaveLength(100);
    expect(new Set(fixture.seen().map(({ what }) => what)).size).toBe(100);
    expect(before).toBeLessThan(100);
  });
});

describe('a host that is killed', () => {
  it('ends its functions, loses nothing, and has its messages visible at the next start', async () => {
    fixture = new FixtureStack({ workQueue: { VisibilityTimeout: 3600 }, work: { BatchSize: 1 } });
    const script = new URL('./cloud-process.ts', import.meta.url).pathname;
    const host = spawn(process.execPath, [script, fixture.templatePath, fixture.dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: host.stdout }), 'line')) as [string];
    const endpoints = JSON.parse(line) as Endpoints;
    await put(endpoints, 'hang-once/a');
    await put(endpoints, 'hang-once/b');
    await eventually(() => fixture.seen().length === 2);
    await put(endpoints, 'ok/c');
    const pids = fixture.seen().map(({ pid }) => pid);
    host.kill('SIGKILL');
    await once(host, 'exit');
    await eventually(() => pids.every((pid) => !isAlive(pid)));

    await start();
    await eventually(() => fixture.seen().length >= 5);
    expect([...new Set(fixture.seen().map(({ what }) => what))].sort()).toEqual([
      'hang-once/a',
      'hang-once/b',
      'ok/c',
    ]);
    expect(deadLetters()).toBe(0);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
