import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHandler } from '../../../functions/handlers/serve-api/handler.ts';
import { ApiCallError, type CallApi, createApiCaller, eventOf } from '../../../local/commands/call-api.ts';
import { placeOf, readOptions } from '../../../local/commands/command-line.ts';
import { deadLetters } from '../../../local/commands/dead-letters-command.ts';
import { retry } from '../../../local/commands/retry-command.ts';
import type { Command } from '../../../local/commands/run-command.ts';
import { uploadLinks } from '../../../local/commands/upload-links-command.ts';
import { type ConsoleServer, startConsole } from '../../../local/console/console-server.ts';
import { UsageError } from '../../../local/options/usage-error.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { ID } from '../../support/world/scans.ts';
import type { World } from '../../support/world/world.ts';

/** Runs a command against the handler of this world, as a function of a deployment would be asked. */
async function run(command: Command, argv: string[], world: World) {
  const lines: string[] = [];
  const call: CallApi = async (request) => {
    const answer = await createHandler(world.deps)(eventOf(request) as APIGatewayProxyEventV2);
    if ((answer.statusCode ?? 500) >= 300) throw new ApiCallError(answer.body ?? '');
    return JSON.parse(answer.body ?? '');
  };
  const code = await command(argv, { print: (line) => lines.push(line), callerFor: () => call });
  return { code, lines };
}

function filledWorld(): World {
  const world = newWorld();
  for (let at = 0; at < 12; at += 1)
    world.deadLetters.put('compute', JSON.stringify({ ...ID, ticket: at }), { cause: 'unknown_source' });
  world.deadLetters.put('ingest', '{}', { cause: 'not_s3_event' });
  return world;
}

describe('npm run dead-letters', () => {
  test('prints a table and the counts', async () => {
    const { code, lines } = await run(deadLetters, [], filledWorld());
    expect(code).toBe(0);
    expect(lines[0]).toMatch(/^STAGE +CAUSE +FAILED AT +RECEIVES +SOURCE +SERIES +MESSAGE$/);
    expect(lines).toHaveLength(1 + 13 + 1 + 3);
    expect(lines).toContainEqual(expect.stringMatching(/^compute +unknown_source +12$/));
  });

  test('prints a line if there are no dead letters', async () => {
    expect((await run(deadLetters, [], newWorld())).lines).toEqual(['no dead letters']);
  });

  test('prints JSON', async () => {
    const { lines } = await run(deadLetters, ['--json', '--stage', 'ingest'], filledWorld());
    expect(JSON.parse(lines.join('\n'))).toMatchObject({
      counts: [{ stage: 'ingest', cause: 'not_s3_event', count: 1 }],
    });
  });

  test('redrives the letters of the given filter', async () => {
    const world = filledWorld();
    const { code, lines } = await run(deadLetters, ['--redrive', '--cause', 'unknown_source'], world);
    expect({ code, lines }).toEqual({
      code: 0,
      lines: ['12 sent back, 0 refused, about 1 of any cause left'],
    });
    expect(world.deadLetters.redriven).toHaveLength(12);
  });

  test('ends with 1 if the queue refuses a letter, after a bounded number of calls', async () => {
    const world = filledWorld();
    const { deadLetterBox } = world.deps;
    world.deps.deadLetterBox = {
      ...deadLetterBox,
      redrive: (stage, letters) =>
        deadLetterBox.redrive(
          stage,
          letters.filter(({ body }) => body !== '{}'),
        ),
    };
    const { code, lines } = await run(deadLetters, ['--redrive', '--json'], world);
    expect(code).toBe(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ moved: 12, refused: 1, isComplete: false });
  });
});

describe('npm run upload-links', () => {
  const url = (file: string, seconds: number) =>
    `https://drop.example/default/upload-folder-1/${file}?expires=${seconds}`;

  test('prints one link a line, the marker last', async () => {
    expect(await run(uploadLinks, ['--source', 'default', '--count', '2'], newWorld())).toEqual({
      code: 0,
      lines: [url('0001', 900), url('0002', 900), url('_COMPLETE', 900)],
    });
  });

  test('leaves out the marker, and passes the expiry', async () => {
    const argv = ['--source', 'default', '--count', '1', '--no-marker', '--expires', '60'];
    expect((await run(uploadLinks, argv, newWorld())).lines).toEqual([url('0001', 60)]);
  });

  test('prints the answer of the API as JSON', async () => {
    const argv = ['--source', 'default', '--count', '1', '--json'];
    const { lines } = await run(uploadLinks, argv, newWorld());
    expect(JSON.parse(lines.join('\n'))).toMatchObject({
      uploads: [{ key: 'default/upload-folder-1/0001', method: 'PUT' }],
      marker: { body: '' },
    });
  });

  test('reports an unknown source', async () => {
    const ended = run(uploadLinks, ['--source', 'west', '--count', '1'], newWorld());
    await expect(ended).rejects.toThrow(/GET \/v1\/health names them/);
  });
});

describe('npm run retry', () => {
  test('prints the outcome of each series', async () => {
    const { code, lines } = await run(retry, ['--reason', 'qure_unavailable'], newWorld());
    expect(code).toBe(0);
    expect(lines).toEqual(['RETRIED  REFUSED  FAILED TO BE RETRIED', expect.stringMatching(/^0 +0 +0$/)]);
  });

  test('follows the cursor, and reports failures by its exit code', async () => {
    const bodies: unknown[] = [];
    const answers = [
      { retried: 200, refused: 0, failed: 0, isComplete: false, cursor: 'next' },
      { retried: 3, refused: 1, failed: 1, isComplete: true },
    ];
    const lines: string[] = [];
    const code = await retry(['--source', 'default', '--recompute', '--json'], {
      print: (line) => lines.push(line),
      callerFor: () => async (request) => {
        bodies.push(request.body);
        return answers[bodies.length - 1];
      },
    });
    expect(bodies).toEqual([
      { state: 'FAILED', source: 'default', recompute: true },
      { state: 'FAILED', source: 'default', recompute: true, cursor: 'next' },
    ]);
    expect({ code, lines }).toEqual({ code: 1, lines: ['{"retried":203,"refused":1,"failed":1}'] });
  });
});

test.each([
  { name: 'dead-letters', command: deadLetters },
  { name: 'retry', command: retry },
])('$name --help prints every option and calls nothing', async ({ command }) => {
  const { lines } = await run(command, ['--help'], newWorld());
  expect(lines.join('\n')).toContain('--function NAME');
});

describe('bad usage', () => {
  test.each<{ name: string; command: Command; argv: string[]; told: RegExp }>([
    { name: 'an unknown option', command: deadLetters, argv: ['--cuase', 'x'], told: /--cuase.*--help/ },
    { name: 'a path', command: deadLetters, argv: ['ingest'], told: /ingest/ },
    { name: 'an option without its value', command: retry, argv: ['--reason'], told: /--reason/ },
    { name: 'an empty value', command: retry, argv: ['--reason', ''], told: /--reason: expected a value/ },
    { name: 'a cause that is none', command: deadLetters, argv: ['--cause', 'bad'], told: /unknown_source/ },
    { name: 'a limit that is none', command: deadLetters, argv: ['--limit', '0'], told: /1 to 100/ },
    { name: 'a limited redrive', command: deadLetters, argv: ['--limit', '5', '--redrive'], told: /all/ },
    { name: 'nothing to retry by', command: retry, argv: [], told: /--reason or --source/ },
    {
      name: 'a state to pass by',
      command: retry,
      argv: ['--source', 's', '--state', 'DONE'],
      told: /UNSUPP/,
    },
    { name: 'links without a source', command: uploadLinks, argv: ['--count', '1'], told: /--source/ },
    { name: 'links without their number', command: uploadLinks, argv: ['--source', 's'], told: /--count/ },
    {
      name: 'too many links',
      command: uploadLinks,
      argv: ['--source', 's', '--count', '1001'],
      told: /1 to 1000/,
    },
    {
      name: 'links of a second',
      command: uploadLinks,
      argv: ['--source', 's', '--count', '1', '--expires', '1'],
      told: /60 to 3600/,
    },
    { name: 'no URL', command: deadLetters, argv: ['--api', 'host'], told: /--api/ },
    { name: 'another protocol', command: deadLetters, argv: ['--api', 'file:///etc'], told: /http/ },
    {
      name: 'two places',
      command: deadLetters,
      argv: ['--api', 'http://h', '--function', 'f'],
      told: /both/,
    },
    { name: 'a function like an option', command: deadLetters, argv: ['--function=--x'], told: /--function/ },
    { name: 'a region alone', command: deadLetters, argv: ['--region', 'eu-central-1'], told: /--function/ },
    {
      name: 'a region that is none',
      command: deadLetters,
      argv: ['--function', 'f', '--region', 'here'],
      told: /eu-central-1/,
    },
  ])('$name', async ({ command, argv, told }) => {
    const ended = run(command, argv, newWorld());
    await expect(ended).rejects.toThrow(UsageError);
    await expect(ended).rejects.toThrow(told);
  });
});

describe('the API over HTTP', () => {
  let console: ConsoleServer | undefined;
  let other: Server | undefined;
  afterEach(async () => {
    await console?.close();
    other?.close();
    console = undefined;
    other = undefined;
  });

  test('is called with query and body, and its problem is printed', async () => {
    const world = filledWorld();
    const handler = createHandler(world.deps);
    console = await startConsole({
      port: 0,
      qure: 'simulator',
      dropUrl: '',
      s3Endpoint: '',
      invokeApi: handler,
    });
    const call = createApiCaller({ kind: 'http', baseUrl: console.url });
    const query = { stage: 'ingest' };
    expect(await call({ method: 'GET', path: '/v1/dead-letters', query })).toMatchObject({
      isComplete: true,
    });
    const path = '/v1/dead-letters/redrive';
    expect(await call({ method: 'POST', path, body: query })).toMatchObject({ moved: 1 });
    await expect(call({ method: 'POST', path, body: { stage: 'x' } })).rejects.toThrow(
      /answered 400: stage: expected one of ingest/,
    );
  });

  test('gives one error line for another server, or for none', async () => {
    other = createServer((_request, response) => response.end('<html>')).listen(0, '127.0.0.1');
    await new Promise((resolve) => other?.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const call = createApiCaller({ kind: 'http', baseUrl: `http://127.0.0.1:${port}` });
    await expect(call({ method: 'GET', path: '/v1/dead-letters' })).rejects.toThrow(/answered 200/);
    await new Promise((resolve) => other?.close(resolve));
    await expect(call({ method: 'GET', path: '/v1/dead-letters' })).rejects.toThrow(/npm start/);
  });
});

describe('the API by its function', () => {
  const lambda = mockClient(LambdaClient);
  const call = () => createApiCaller({ kind: 'function', name: 'Api', region: 'eu-central-1' });
  const payloadOf = (answer: object) => {
    const text = JSON.stringify(answer);
    return Object.assign(Buffer.from(text), { transformToString: () => text });
  };
  beforeEach(() => lambda.reset());
  // The class is mocked, and the next file of this worker has the same one.
  afterAll(() => lambda.restore());

  test('invokes the function with an event of payload format 2.0', async () => {
    lambda.on(InvokeCommand).resolves({ Payload: payloadOf({ statusCode: 202, body: '{"moved":1}' }) });
    const path = '/v1/dead-letters/redrive';
    expect(await call()({ method: 'POST', path, body: { stage: 'ingest' } })).toEqual({ moved: 1 });
    const [sent] = lambda.commandCalls(InvokeCommand);
    expect(sent?.args[0].input.FunctionName).toBe('Api');
    expect(await sent?.thisValue.config.region()).toBe('eu-central-1');
    expect(JSON.parse(String(sent?.args[0].input.Payload))).toMatchObject({
      rawPath: path,
      requestContext: { http: { method: 'POST' } },
      body: '{"stage":"ingest"}',
    });
  });

  test('prints what to check if AWS refuses', async () => {
    lambda.on(InvokeCommand).rejects(new Error('not authorized'));
    await expect(call()({ method: 'GET', path: '/v1/dead-letters' })).rejects.toThrow(/get-caller-identity/);
  });

  test.each([
    { name: 'a function that fails', answer: { errorMessage: 'x' }, told: /see its log/ },
    {
      name: 'a refusal of the API',
      answer: { statusCode: 400, body: '{"detail":"cause: no"}' },
      told: /answered 400: cause: no/,
    },
  ])('reports $name', async ({ answer, told }) => {
    lambda.on(InvokeCommand).resolves({ Payload: payloadOf(answer) });
    await expect(call()({ method: 'GET', path: '/v1/dead-letters' })).rejects.toThrow(told);
  });
});

test('calls the console of this machine by default, else the given URL or function', () => {
  const place = (argv: string[]) => placeOf(readOptions(argv, {}));
  expect(place([])).toEqual({ kind: 'http', baseUrl: 'http://127.0.0.1:4800' });
  expect(place(['--function', 'Api', '--region', 'eu-central-1'])).toEqual({
    kind: 'function',
    name: 'Api',
    region: 'eu-central-1',
  });
});
