import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FunctionResource } from '../../../local/cloud/stack.ts';
import { LambdaFunction } from '../../../local/lambda/function-host.ts';
import { eventually, FixtureStack } from './fixture-stack.ts';

interface Echo {
  event: { id: number };
  pid: number;
  context: Record<string, unknown>;
}

let fixture: FixtureStack;
let lambda: LambdaFunction;
let lines: string[] = [];

function create(
  name: 'echo' | 'broken',
  changes: Partial<FunctionResource> = {},
  maxConcurrency = 2,
): LambdaFunction {
  return new LambdaFunction({
    resource: {
      logicalId: name,
      name,
      arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
      handler: 'index.handler',
      timeoutSeconds: 5,
      memoryMegabytes: 256,
      environment: { TABLE_NAME: 'rows' },
      codeFolder: join(fixture.folder, 'cdk.out', `asset.${name}`),
      ...changes,
    },
    environment: { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' },
    maxConcurrency,
    log: (line) => lines.push(line),
  });
}
const invoke = async (event: object) => JSON.parse(await lambda.invoke(JSON.stringify(event))) as Echo;

beforeEach(() => {
  lines = [];
  fixture = new FixtureStack();
  lambda = create('echo');
});
afterEach(async () => {
  await lambda.stop(0);
  fixture.remove();
});

describe('LambdaFunction', () => {
  it('gives the handler its event and the context of Lambda, in one warm process', async () => {
    const first = await invoke({ id: 1 });
    const second = await invoke({ id: 2 });
    expect(first.event).toEqual({ id: 1 });
    expect(first.context).toMatchObject({
      functionName: 'echo',
      memoryLimitInMB: '256',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:echo',
    });
    expect(first.context.remainingMs).toBeLessThanOrEqual(5000);
    expect(first.context.remainingMs).toBeGreaterThan(0);
    expect(second.context.awsRequestId).not.toBe(first.context.awsRequestId);
    expect(second.pid).toBe(first.pid);
  });

  it('gives work to the process that has worked most, whichever was busy last', async () => {
    const worked = new Map<number, number>();
    const work = async (event: object) => {
      const { pid } = await invoke(event);
      worked.set(pid, (worked.get(pid) ?? 0) + 1);
      return pid;
    };
    await Promise.all(Array.from({ length: 6 }, () => work({ do: 'sleep', ms: 200 })));
    for (let n = 0; n < 8; n += 1) {
      await work({ id: n });
      // A process asks for more work some time after its answer: by now the same one has, and not the other one in turn.
      await sleep(50);
    }
    await Promise.all([work({ do: 'sleep', ms: 100 }), work({ do: 'sleep', ms: 500 })]);
    await sleep(1500);
    const most = Math.max(...worked.values());
    expect(worked.size).toBeGreaterThan(1);
    const chosen = await invoke({ id: 3 });
    expect(worked.get(chosen.pid)).toBe(most);
  });

  it("passes none of the host's environment to the process", async () => {
    process.env.QURE_TOKEN = 'for the host only';
    const environment = (await invoke({ do: 'environment' })) as unknown as Record<string, string>;
    delete process.env.QURE_TOKEN;
    expect(environment).toMatchObject({
      TABLE_NAME: 'rows',
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1',
      AWS_REGION: 'us-east-1',
    });
    for (const name of ['QURE_TOKEN', 'PATH', 'HOME', 'NODE_OPTIONS'])
      expect(environment).not.toHaveProperty(name);
  });

  it('sends the events of a function only to its own processes', async () => {
    const environment = (await invoke({ do: 'environment' })) as unknown as Record<string, string>;
    const [, origin = '', secret = ''] =
      /^([\d.:]+)\/([0-9a-f]{32})$/.exec(environment.AWS_LAMBDA_RUNTIME_API ?? '') ?? [];
    const next = '2018-06-01/runtime/invocation/next';
    const statusOf = async (path: string, headers = {}) =>
      (await fetch(`http://${origin}/${path}`, { headers })).status;
    for (const path of [next, `/${next}`, `${'0'.repeat(32)}/${next}`, `${secret}/../${next}`]) {
      expect(await statusOf(path)).toBe(404);
    }
    expect(await statusOf(`${secret}/${next}`, { origin: 'http://evil.example' })).toBe(403);
    expect((await invoke({ id: 2 })).event).toEqual({ id: 2 });
  });

  it('fails an invocation whose answer is over the limit, and serves the next event', async () => {
    const large = invoke({ do: 'large', bytes: 8 * 1024 * 1024 });
    await expect(large).rejects.toMatchObject({
      kind: 'handler',
      errorType: 'Function.ResponseSizeTooLarge',
    });
    expect((await invoke({ id: 3 })).event).toEqual({ id: 3 });
  });

  it('answers null when the handler returns nothing', async () => {
    expect(await invoke({ do: 'nothing' })).toBeNull();
  });

  it.each([
    ['throws', { do: 'throw' }, { kind: 'handler', errorType: 'RangeError', message: 'thrown on purpose' }],
    ['crashes outside of its promise', { do: 'crash' }, { kind: 'handler', message: 'crashed on purpose' }],
    [
      'ends its process',
      { do: 'exit' },
      { kind: 'exited', message: "The function's process ended with exit code 7" },
    ],
  ])('fails when the handler %s, and serves the next event', async (_how, event, error) => {
    await expect(invoke(event)).rejects.toMatchObject(error);
    expect((await invoke({ id: 3 })).event).toEqual({ id: 3 });
  });

  it.each([
    ['waits', { do: 'sleep', ms: 60_000 }],
    ['computes', { do: 'spin' }],
  ])('kills a process that %s beyond the time limit', async (_how, event) => {
    lambda = create('echo', { timeoutSeconds: 5 });
    const before = (await invoke({ id: 1 })).pid;
    await expect(invoke(event)).rejects.toMatchObject({ kind: 'timeout', errorType: 'Sandbox.Timedout' });
    expect((await invoke({ id: 2 })).pid).not.toBe(before);
  });

  it('fails the invocation of a process that is killed, and starts another', async () => {
    const { pid } = await invoke({ id: 1 });
    const running = invoke({ do: 'sleep', ms: 60_000 });
    running.catch(() => undefined);
    await eventually(() => lines.includes('sleeping'));
    process.kill(pid, 'SIGKILL');
    await expect(running).rejects.toMatchObject({ kind: 'exited' });
    expect((await invoke({ id: 2 })).pid).not.toBe(pid);
  });

  it('replaces a process that was killed while it was idle', async () => {
    const { pid } = await invoke({ id: 1 });
    process.kill(pid, 'SIGKILL');
    await eventually(() => lambda.pids.length === 0);
    expect((await invoke({ id: 2 })).pid).not.toBe(pid);
  });

  it('runs at most the allowed number of processes, and queues further invocations', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => invoke({ do: 'sleep', ms: 200 })));
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(2);
  });

  it.each<[string, 'echo' | 'broken', Partial<FunctionResource>, RegExp]>([
    ['does not load', 'broken', {}, /broken on purpose/],
    [
      'is missing',
      'echo',
      { handler: 'other.handler' },
      /Cannot find the module of the handler other\.handler/,
    ],
    [
      'exports no such function',
      'echo',
      { handler: 'index.nothing' },
      /index\.nothing is not exported as a function/,
    ],
    ['is no folder here', 'echo', { codeFolder: undefined }, /npm run synth/],
  ])('reports an error if the code %s', async (_how, name, changes, message) => {
    lambda = create(name, changes);
    const both = await Promise.allSettled([invoke({}), invoke({})]);
    for (const one of both) {
      expect(one).toMatchObject({
        status: 'rejected',
        reason: { kind: 'init', message: expect.stringMatching(message) },
      });
    }
  });

  it('forwards the log lines of the function', async () => {
    await invoke({ id: 1 });
    await eventually(() => lines.includes('{"level":"INFO","message":"echo is loaded"}'));
  });

  it('waits for running invocations when it is stopped, up to the grace time', async () => {
    await invoke({ id: 1 });
    const quick = invoke({ do: 'sleep', ms: 500 });
    await eventually(() => lines.includes('sleeping'));
    const stopping = lambda.stop(60_000);
    await expect(invoke({ id: 2 })).rejects.toMatchObject({ kind: 'stopped' });
    await expect(quick).resolves.toBeDefined();
    await stopping;
    expect(lambda.pids).toEqual([]);
  });

  it('kills invocations that do not finish within the grace time', async () => {
    await invoke({ id: 1 });
    const slow = expect(invoke({ do: 'sleep', ms: 60_000 })).rejects.toMatchObject({ kind: 'exited' });
    await eventually(() => lines.includes('sleeping'));
    await lambda.stop(100);
    await slow;
  });
});
