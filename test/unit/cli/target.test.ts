import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudFormationClient,
  DescribeStacksCommand,
  ListStackResourcesCommand,
} from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { deadLetters } from '../../../cli/commands/dead-letters.ts';
import { reconcile } from '../../../cli/commands/reconcile.ts';
import { findDropPlace } from '../../../cli/drop/drop-place.ts';
import { Given } from '../../../cli/frame/given.ts';
import { readArguments } from '../../../cli/frame/read-arguments.ts';
import { createApiCaller } from '../../../cli/target/call-api.ts';
import { readStack } from '../../../cli/target/stack.ts';
import { targetOf } from '../../../cli/target/target.ts';
import { runCli } from '../../support/cli/run-cli.ts';

const cloudformation = mockClient(CloudFormationClient);
const lambda = mockClient(LambdaClient);
const ssm = mockClient(SSMClient);
const ALL = [cloudformation, lambda, ssm];
beforeEach(() => {
  for (const client of ALL) client.reset();
});
// The classes are mocked, and the next file of this worker has the same ones.
afterAll(() => {
  for (const client of ALL) client.restore();
});
afterEach(() => vi.unstubAllEnvs());

const TARGET = { kind: 'stack', name: 'S', prefix: '', region: 'eu-central-1' } as const;

function outputs(values: Readonly<Record<string, string>>): void {
  cloudformation.on(DescribeStacksCommand).resolves({
    Stacks: [
      {
        StackName: 'S',
        CreationTime: new Date(0),
        StackStatus: 'CREATE_COMPLETE',
        Outputs: Object.entries(values).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
      },
    ],
  });
}

const payloadOf = (answer: object) => {
  const text = JSON.stringify(answer);
  return Object.assign(Buffer.from(text), { transformToString: () => text });
};

describe('a place that the environment names', () => {
  const read = (argv: string[], env: Record<string, string>) => readArguments(deadLetters, argv, env);

  test('is that of a command without one, and is told', () => {
    const { given, problems, notes } = read([], { QURE_DROPOFF_STACK: 'Prod' });
    expect(targetOf(given)).toEqual({ kind: 'stack', name: 'Prod', prefix: '' });
    expect({ problems, notes }).toEqual({ problems: [], notes: ['QURE_DROPOFF_STACK: Prod'] });
  });

  test.each([
    { argv: ['--api', 'http://127.0.0.1:1'], kind: 'http' },
    { argv: ['--data-dir', 'x'], kind: 'http' },
  ])('gives way to $argv', ({ argv, kind }) => {
    const { given, notes } = read(argv, { QURE_DROPOFF_STACK: 'Prod' });
    expect(targetOf(given).kind).toBe(kind);
    expect(notes).toEqual([]);
  });

  test('has to be one, and a right one', () => {
    expect(
      read([], { QURE_DROPOFF_STACK: 'Prod', QURE_DROPOFF_API: 'http://127.0.0.1:1' }).problems,
    ).toHaveLength(1);
    expect(read([], { QURE_DROPOFF_API: 'nowhere' }).problems).toEqual([expect.stringContaining('--api')]);
    expect(read([], { QURE_DROPOFF_API: '' }).problems).toEqual([]);
  });
});

describe('a stack', () => {
  test('has the outputs of its one deployment, whatever their prefix', async () => {
    outputs({ ADropBucketName: 'drop-a', AApiUrl: 'https://a', Other: 'x' });
    expect(await readStack(TARGET)).toMatchObject({
      region: 'eu-central-1',
      outputs: { DropBucketName: 'drop-a', ApiUrl: 'https://a' },
    });
  });

  test('has two deployments: one is chosen by its prefix', async () => {
    outputs({ DropBucketName: 'drop', BDropBucketName: 'drop-b' });
    expect((await readStack({ ...TARGET, prefix: 'B' })).outputs['DropBucketName']).toBe('drop-b');
    outputs({ ADropBucketName: 'drop-a', BDropBucketName: 'drop-b' });
    await expect(readStack(TARGET)).rejects.toThrow('2 deployments: write --stack S/A or S/B');
    await expect(readStack({ ...TARGET, prefix: 'C' })).rejects.toThrow('no deployment C');
  });

  test.each([
    { error: Object.assign(new Error('x'), { name: 'ValidationError' }), told: /check --stack and --region/ },
    { error: new Error('denied'), told: /cloudformation:DescribeStacks/ },
  ])('says what to do: $told', async ({ error, told }) => {
    cloudformation.on(DescribeStacksCommand).rejects(error);
    await expect(readStack(TARGET)).rejects.toThrow(told);
  });

  test('without a deployment says so', async () => {
    outputs({ Other: 'x' });
    await expect(readStack(TARGET)).rejects.toThrow(/addOutputs/);
  });

  test('without an HTTP API is asked through its function', async () => {
    outputs({ DropBucketName: 'drop', ApiFunctionName: 'Api' });
    lambda.on(InvokeCommand).resolves({ Payload: payloadOf({ statusCode: 200, body: '{"items":[]}' }) });
    const call = await createApiCaller(TARGET);
    expect(await call({ method: 'GET', path: '/v1/series' })).toEqual({ items: [] });
    expect(lambda.commandCalls(InvokeCommand)[0]?.args[0].input.FunctionName).toBe('Api');
  });

  test('gives the bucket and the prefix of a source to drop', async () => {
    outputs({ DropBucketName: 'drop', SourcesPath: '/app/sources/' });
    ssm.on(GetParametersByPathCommand).resolves({
      Parameters: [{ Name: '/app/sources/north', Value: '{"prefix": "clinic/"}' }],
    });
    const call = () => Promise.reject(new Error('expected no call of the API'));
    expect(await findDropPlace(TARGET, call, undefined)).toMatchObject({
      kind: 'bucket',
      bucket: 'drop',
      prefix: 'clinic/',
    });
    await expect(findDropPlace(TARGET, call, 'south')).rejects.toThrow(/--source: expected one of north/);
  });
});

describe('reconcile of a stack', () => {
  const resource = (LogicalResourceId: string, ResourceType = 'AWS::Lambda::Function') => ({
    LogicalResourceId,
    ResourceType,
    PhysicalResourceId: `S-${LogicalResourceId}`,
  });
  const resources = (...all: object[]) =>
    cloudformation.on(ListStackResourcesCommand).resolves({ StackResourceSummaries: all as never });
  beforeEach(() => outputs({ DropBucketName: 'drop' }));

  test('invokes its function, part after part', async () => {
    resources(
      resource('Compute'),
      resource('DropoffReconcile'),
      resource('ReconcileRule', 'AWS::Events::Rule'),
    );
    const finding = { kind: 'object_unknown', outcome: 'repaired', source: 'default' };
    lambda
      .on(InvokeCommand)
      .resolvesOnce({ Payload: payloadOf({ findings: [finding], cursor: 'c' }) })
      .resolves({ Payload: payloadOf({ findings: [finding] }) });
    const { code, lines } = await runCli(reconcile, ['--stack', 'S', '--repair', '--region', 'eu-central-1']);
    expect({ code, lines }).toEqual({ code: 0, lines: ['       2  default object_unknown repaired'] });
    const sent = lambda.commandCalls(InvokeCommand).map(({ args }) => args[0].input);
    expect(sent.map(({ FunctionName }) => FunctionName)).toEqual([
      'S-DropoffReconcile',
      'S-DropoffReconcile',
    ]);
    expect(sent.map(({ Payload }) => JSON.parse(String(Payload)))).toEqual([
      { repair: true, minAgeSeconds: 60 },
      { repair: true, minAgeSeconds: 60, cursor: 'c' },
    ]);
  });

  test('says what to do where there is none, and where it fails', async () => {
    resources(resource('Compute'));
    const argv = ['--stack', 'S', '--region', 'eu-central-1'];
    expect((await runCli(reconcile, argv)).errors).toEqual([expect.stringContaining('operations.md')]);
    resources(resource('DropoffReconcile'));
    lambda.on(InvokeCommand).resolves({ FunctionError: 'Unhandled', Payload: payloadOf({}) });
    expect(await runCli(reconcile, argv)).toMatchObject({
      code: 1,
      errors: [expect.stringContaining('its log')],
    });
  });
});

describe('a request to API Gateway', () => {
  let server: Server;
  let seen: IncomingMessage | undefined;
  beforeEach(async () => {
    seen = undefined;
    server = createServer((request, response) => {
      seen = request;
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  });
  afterEach(() => void server.close());
  const baseUrl = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  test('is signed for execute-api with the credentials of the shell', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubEnv('AWS_SESSION_TOKEN', 'session');
    const call = await createApiCaller({ kind: 'http', baseUrl: baseUrl(), region: 'eu-central-1' });
    await call({ method: 'GET', path: '/v1/series', query: { accession: 'A 1+2&3' } });
    expect(seen?.url).toBe('/v1/series?accession=A%201%2B2%263');
    expect(seen?.headers['authorization']).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/execute-api\/aws4_request, SignedHeaders=[a-z0-9;-]*host[a-z0-9;-]*, Signature=[0-9a-f]{64}$/,
    );
    expect(seen?.headers['x-amz-security-token']).toBe('session');
  });

  test('to another host is not', async () => {
    await (await createApiCaller({ kind: 'http', baseUrl: baseUrl() }))({
      method: 'GET',
      path: '/v1/series',
    });
    expect(seen?.headers['authorization']).toBeUndefined();
  });
});

test.each([
  [['--stack', 'S'], { kind: 'stack', name: 'S', prefix: '' }],
  [
    ['--stack', 'S/A', '--region', 'eu-central-1'],
    { kind: 'stack', name: 'S', prefix: 'A', region: 'eu-central-1' },
  ],
  [['--function', 'Api'], { kind: 'function', name: 'Api' }],
  [['--api', 'http://h:1'], { kind: 'http', baseUrl: 'http://h:1' }],
  [
    ['--api', 'https://x.execute-api.eu-west-1.amazonaws.com'],
    { kind: 'http', baseUrl: 'https://x.execute-api.eu-west-1.amazonaws.com', region: 'eu-west-1' },
  ],
  [['--data-dir', '/nowhere'], { kind: 'http', baseUrl: 'http://127.0.0.1:4800' }],
])('%j is the place %j', (words, expected) => {
  const values = new Map<string, string[]>();
  for (let at = 0; at < words.length; at += 2) values.set((words[at] ?? '').slice(2), [words[at + 1] ?? '']);
  expect(targetOf(new Given([], values, new Set(values.keys())))).toEqual(expected);
});

test.each([
  ['http://127.0.0.1:4801', true],
  ['http://localhost:4801/', true],
  ['http://[::1]:4801', true],
  ['http://192.0.2.1:4801', false],
  ['https://127.0.0.1:4801', false],
  ['http://127.0.0.1.example:4801', false],
  ['http://127.0.0.1@192.0.2.1', false],
  ['http://user@127.0.0.1:4801', false],
  ['file:///etc/passwd', false],
  ['', false],
])('the address %j is that of a host on this machine: %s', async (address, isTaken) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'cli-target-'));
  try {
    writeFileSync(join(dataDir, 'console-url'), `${address}\n`);
    const given = new Given([], new Map([['data-dir', [dataDir]]]), new Set(['data-dir']));
    expect(targetOf(given)).toEqual({ kind: 'http', baseUrl: isTaken ? address : 'http://127.0.0.1:4800' });
  } finally {
    rmSync(dataDir, { recursive: true });
  }
  const call = async () => ({
    s3Endpoint: address,
    region: 'us-east-1',
    bucket: 'drop',
    sources: [{ name: 'default', prefix: 'default/' }],
  });
  const place = findDropPlace({ kind: 'http', baseUrl: 'http://127.0.0.1:4800' }, call, undefined);
  if (isTaken) expect(await place).toMatchObject({ kind: 'bucket', bucket: 'drop' });
  else await expect(place).rejects.toThrow(/S3 endpoint on this machine/);
});
