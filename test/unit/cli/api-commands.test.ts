import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deadLetters } from '../../../cli/commands/dead-letters.ts';
import { links } from '../../../cli/commands/links.ts';
import { redrive } from '../../../cli/commands/redrive.ts';
import { retry } from '../../../cli/commands/retry.ts';
import type { CommandSpec } from '../../../cli/frame/command.ts';
import { type CallApi, createApiCaller } from '../../../cli/target/call-api.ts';
import { createHandler } from '../../../functions/handlers/serve-api/handler.ts';
import { type ConsoleServer, startConsole } from '../../../local/console/console-server.ts';
import { apiOf, runCli } from '../../support/cli/run-cli.ts';
import { doneRow, failedRow } from '../../support/series-rows.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { ID } from '../../support/world/scans.ts';
import type { World } from '../../support/world/world.ts';

const run = (command: CommandSpec, argv: string[], world: World) => runCli(command, argv, apiOf(world));

function filledWorld(): World {
  const world = newWorld();
  for (let at = 0; at < 12; at += 1)
    world.deadLetters.put('compute', JSON.stringify({ ...ID, ticket: at }), { cause: 'unknown_source' });
  world.deadLetters.put('ingest', '{}', { cause: 'not_s3_event' });
  return world;
}

describe('dead-letters and redrive', () => {
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
    const { code, lines } = await run(redrive, ['--cause', 'unknown_source'], world);
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
    const { code, lines } = await run(redrive, ['--json'], world);
    expect(code).toBe(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ moved: 12, refused: 1, isComplete: false });
  });
});

describe('links', () => {
  const url = (file: string, seconds: number) =>
    `https://drop.example/default/upload-folder-1/${file}?expires=${seconds}`;

  test('prints one link a line, the marker last', async () => {
    expect(await run(links, ['--source', 'default', '--count', '2'], newWorld())).toMatchObject({
      code: 0,
      lines: [url('0001', 900), url('0002', 900), url('_COMPLETE', 900)],
    });
  });

  test('leaves out the marker, and passes the expiry', async () => {
    const argv = ['--source', 'default', '--count', '1', '--no-marker', '--expires', '60'];
    expect((await run(links, argv, newWorld())).lines).toEqual([url('0001', 60)]);
  });

  test('prints the answer of the API as JSON', async () => {
    const argv = ['--source', 'default', '--count', '1', '--json'];
    const { lines } = await run(links, argv, newWorld());
    expect(JSON.parse(lines.join('\n'))).toMatchObject({
      uploads: [{ key: 'default/upload-folder-1/0001', method: 'PUT' }],
      marker: { body: '' },
    });
  });

  test('are for the only source where none is given', async () => {
    const { code, lines } = await run(links, ['--count', '1', '--no-marker'], newWorld());
    expect({ code, lines }).toEqual({ code: 0, lines: [url('0001', 900)] });
  });

  test('need a source where there are several', async () => {
    const call: CallApi = async () => ({ sources: [{ name: 'north' }, { name: 'south' }] });
    const { code, errors } = await runCli(links, ['--count', '1'], call);
    expect({ code, errors }).toEqual({ code: 2, errors: [expect.stringContaining('north, south')] });
  });

  test('reports an unknown source', async () => {
    const { code, errors } = await run(links, ['--source', 'west', '--count', '1'], newWorld());
    expect(code).toBe(2);
    expect(errors).toEqual([expect.stringMatching(/--source: expected one of default, got "west"/)]);
  });
});

describe('retry', () => {
  test.each([
    {
      argv: ['--reason', 'qure_unavailible'],
      told: /--reason: .*upload_rejected.*: did you mean qure_unavailable\?$/,
    },
    { argv: ['--source', 'defualt'], told: /--source: expected one of default, got "defualt": did you mean/ },
  ])('a name that there is not is wrong use: $argv', async ({ argv, told }) => {
    expect(await run(retry, argv, newWorld())).toMatchObject({
      code: 2,
      lines: [],
      errors: [expect.stringMatching(told)],
    });
  });

  test('prints the outcome of each series', async () => {
    const { code, lines } = await run(retry, ['--reason', 'qure_unavailable'], newWorld());
    expect(code).toBe(0);
    expect(lines).toEqual(['RETRIED  REFUSED  FAILED TO BE RETRIED', expect.stringMatching(/^0 +0 +0$/)]);
  });

  test('goes on after a series that is refused, and names the option that helps', async () => {
    const world = newWorld();
    world.series.seed(doneRow({ source: 'default', seriesInstanceUid: '1.1' }));
    world.series.seed(failedRow({ source: 'default', seriesInstanceUid: '1.2' }));
    const { code, lines, errors } = await run(retry, ['1.1', '1.2', '--json'], world);
    expect({ code, errors }).toEqual({
      code: 1,
      errors: [expect.stringMatching(/^\S+ 1\.1: .*use --recompute/)],
    });
    expect(JSON.parse(lines.join('\n'))).toMatchObject({
      series: [{ seriesInstanceUid: '1.2' }],
      problems: [{ seriesInstanceUid: '1.1' }],
    });
  });

  test('follows the cursor, and reports failures by its exit code', async () => {
    const bodies: unknown[] = [];
    const answers = [
      { retried: 200, refused: 0, failed: 0, isComplete: false, cursor: 'next' },
      { retried: 3, refused: 1, failed: 1, isComplete: true },
    ];
    const argv = ['--source', 'default', '--recompute', '--json', '--comment', 'a new model'];
    const { code, lines } = await runCli(retry, argv, async (request) => {
      bodies.push(request.body);
      return answers[bodies.length - 1];
    });
    expect(bodies).toEqual([
      { state: 'FAILED', source: 'default', comment: 'a new model', recompute: true },
      { state: 'FAILED', source: 'default', comment: 'a new model', recompute: true, cursor: 'next' },
    ]);
    expect({ code, lines }).toEqual({ code: 1, lines: ['{"retried":203,"refused":1,"failed":1}'] });
  });
});

describe('bad usage', () => {
  test.each<{ name: string; command: CommandSpec; argv: string[]; told: RegExp }>([
    {
      name: 'an unknown option',
      command: deadLetters,
      argv: ['--cuase', 'x'],
      told: /--help, got "--cuase": did you mean --cause/,
    },
    { name: 'a path', command: deadLetters, argv: ['ingest'], told: /ingest/ },
    { name: 'an option without its value', command: retry, argv: ['--reason'], told: /--reason/ },
    { name: 'an empty value', command: retry, argv: ['--reason', ''], told: /--reason: expected a reason/ },
    { name: 'a cause that is none', command: deadLetters, argv: ['--cause', 'bad'], told: /unknown_source/ },
    { name: 'a limit that is none', command: deadLetters, argv: ['--limit', '0'], told: /1 to 100/ },
    { name: 'a limited redrive', command: redrive, argv: ['--limit', '5'], told: /--limit/ },
    { name: 'nothing to retry by', command: retry, argv: [], told: /--reason or --source/ },
    {
      name: 'a state to pass by',
      command: retry,
      argv: ['--source', 's', '--state', 'DONE'],
      told: /UNSUPP/,
    },
    { name: 'links without their number', command: links, argv: ['--source', 's'], told: /--count/ },
    {
      name: 'too many links',
      command: links,
      argv: ['--source', 's', '--count', '1001'],
      told: /1 to 1000/,
    },
    {
      name: 'links of a second',
      command: links,
      argv: ['--source', 's', '--count', '1', '--expires', '1'],
      told: /60 to 3600/,
    },
    { name: 'no URL', command: deadLetters, argv: ['--api', 'host'], told: /--api/ },
    { name: 'another protocol', command: deadLetters, argv: ['--api', 'file:///etc'], told: /http/ },
    {
      name: 'two places',
      command: deadLetters,
      argv: ['--api', 'http://h', '--function', 'f'],
      told: /--api and --function, got 2/,
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
    const { code, errors } = await run(command, argv, newWorld());
    expect(code).toBe(2);
    expect(errors.join('\n')).toMatch(told);
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
    const call = await createApiCaller({ kind: 'http', baseUrl: console.url });
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
    const call = await createApiCaller({ kind: 'http', baseUrl: `http://127.0.0.1:${port}` });
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
    expect(await (await call())({ method: 'POST', path, body: { stage: 'ingest' } })).toEqual({ moved: 1 });
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
    await expect((await call())({ method: 'GET', path: '/v1/dead-letters' })).rejects.toThrow(
      /get-caller-identity/,
    );
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
    await expect((await call())({ method: 'GET', path: '/v1/dead-letters' })).rejects.toThrow(told);
  });
});
