import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { results } from '../../../cli/commands/results.ts';
import { verify } from '../../../cli/commands/verify.ts';
import { ApiCallError, type CallApi } from '../../../cli/target/call-api.ts';
import { doneWorld } from '../../support/cli/done-world.ts';
import { apiOf, runCli } from '../../support/cli/run-cli.ts';
import { failedRow, receivingRow } from '../../support/series-rows.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { resultBody, resultsAnswer } from '../../support/world/qure-answers.ts';
import { SERIES, STUDY } from '../../support/world/scans.ts';
import { ACCEPTED, computingSeries, seriesIn } from '../../support/world/stages.ts';
import type { World } from '../../support/world/world.ts';
import { runPoll } from '../results/run-poll.ts';

type Results = Record<string, unknown> & { provenance?: object };

const folders: string[] = [];
afterEach(() => {
  vi.unstubAllGlobals();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'results-'));
  folders.push(folder);
  return folder;
}

/** What a link gives: the object, and `spoil` may change the answer. */
function serveLinks(
  world: World,
  spoil: (name: string, body: Buffer) => Response | undefined = () => undefined,
) {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (url: string) => {
    const key = decodeURIComponent(new URL(url).pathname.slice(1));
    asked.push(key);
    const body = world.results.objects.get(key)?.body;
    if (body === undefined) return new Response('', { status: 404 });
    const headers = { 'content-length': String(body.length) };
    return spoil(key, body) ?? new Response(new Uint8Array(body), { headers });
  });
  return asked;
}

const filesBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );

describe.each(['qER', 'qXR'] as const)('the results of %s', (product) => {
  test('are all there, for this user only, and as the provenance says', async () => {
    const { world } = await doneWorld(product);
    serveLinks(world);
    const out = freshFolder();
    const { code, lines } = await runCli(results, [SERIES, '--out', out, '--json'], apiOf(world));
    expect(code).toBe(0);
    const folder = join(out, 'default', STUDY, SERIES, '1');
    expect(JSON.parse(lines.join('\n'))).toMatchObject({ folders: [{ folder, isVerified: true, kept: 0 }] });
    expect(filesBelow(folder).sort()).toEqual(
      [...world.results.objects.keys()].map((key) => key.split('/').slice(4).join('/')).sort(),
    );
    for (const file of filesBelow(folder)) expect(statSync(join(folder, file)).mode & 0o077).toBe(0);
    expect((await runCli(verify, [out])).code).toBe(0);
  });
});

test('marks what is of the simulator', async () => {
  const { world } = await doneWorld();
  serveLinks(world);
  const call: CallApi = async (request) => {
    const answer = (await apiOf(world)(request)) as object;
    return request.path === `/v1/series/${SERIES}` ? { ...answer, isSimulated: true } : answer;
  };
  const { lines } = await runCli(results, [SERIES, '--out', freshFolder()], call);
  expect(lines[0]).toMatch(/VERIFIED +REMARK +FOLDER$/);
  expect(lines[1]).toMatch(/yes +SIMULATED +\//);
});

test('a second run keeps what is there, and mends what differs', async () => {
  const { world } = await doneWorld();
  const asked = serveLinks(world);
  const out = freshFolder();
  await runCli(results, [SERIES, '--out', out], apiOf(world));
  const folder = join(out, 'default', STUDY, SERIES, '1');
  writeFileSync(join(folder, 'findings.json'), 'changed by hand');
  asked.length = 0;
  const { lines } = await runCli(results, [STUDY, '--out', out, '--json'], apiOf(world));
  expect(JSON.parse(lines.join('\n'))).toMatchObject({ folders: [{ downloaded: 1 }] });
  expect(asked.map((key) => key.split('/').at(-1))).toEqual(['provenance.json', 'findings.json']);
  expect((await runCli(verify, [out])).code).toBe(0);
});

describe('what is not the file that was stored', () => {
  test.each([
    {
      name: 'other bytes',
      spoil: (body: Buffer) => new Response(new Uint8Array(body.map((byte) => byte ^ 1))),
    },
    {
      name: 'a part of it',
      spoil: (body: Buffer) =>
        new Response(new Uint8Array(body.subarray(1)), {
          headers: { 'content-length': String(body.length) },
        }),
    },
  ])('is not written: $name', async ({ spoil }) => {
    const { world } = await doneWorld();
    serveLinks(world, (name, body) => (name.endsWith('/pdf/0') ? spoil(body) : undefined));
    const out = freshFolder();
    const { code, errors } = await runCli(results, [SERIES, '--out', out], apiOf(world));
    expect({ code, errors }).toEqual({
      code: 1,
      errors: [expect.stringMatching(/files\/pdf\/0: .* it is not written/)],
    });
    const names = filesBelow(out).map((path) => path.split('/').at(-1));
    expect(names).not.toContain('0');
    // Without it the folder does not count as whole.
    expect(names).not.toContain('provenance.json');
    expect(names.filter((name) => name?.endsWith('.part'))).toEqual([]);
  });
});

describe('a folder is not called whole', () => {
  const folderIn = (out: string) => join(out, 'default', STUDY, SERIES, '1');
  const isWhole = (out: string) => existsSync(join(folderIn(out), 'provenance.json'));

  /** The API of the world, whose answers about results `change` may replace. */
  function changed(world: World, change: (answer: Results, at: number) => object): CallApi {
    const api = apiOf(world);
    let at = 0;
    return async (request) => {
      const answer = await api(request);
      if (!request.path.endsWith('/results')) return answer;
      at += 1;
      return change(answer as Results, at);
    };
  }
  /** As if a recompute had begun its own folder. */
  const asGeneration2 = (answer: Results): Results =>
    JSON.parse(JSON.stringify({ ...answer, generation: 2 }).replaceAll(`${SERIES}/1/`, `${SERIES}/2/`));

  test('a new generation is there when a link is renewed', async () => {
    const { world } = await doneWorld();
    serveLinks(world, (name) => (name.endsWith('/pdf/0') ? new Response('', { status: 403 }) : undefined));
    const out = freshFolder();
    const call = changed(world, (answer, at) => (at === 1 ? answer : asGeneration2(answer)));
    const { code, errors } = await runCli(results, [SERIES, '--out', out], call);
    expect({ code, errors }).toEqual({ code: 1, errors: [expect.stringContaining('a new generation')] });
    expect(isWhole(out)).toBe(false);
    expect(existsSync(join(folderIn(out), '..', '2'))).toBe(false);
  });

  test.each([
    { name: 'its own files', next: (answer: Results): object => asGeneration2(answer) },
    {
      name: 'no results yet',
      next: () => {
        throw new ApiCallError('the API answered 404: no results', { status: 404 });
      },
    },
  ])('a new generation is there at the second page, with $name', async ({ next }) => {
    const { world } = await doneWorld();
    serveLinks(world);
    const out = freshFolder();
    const call = changed(world, (answer, at) => (at === 1 ? { ...answer, cursor: 'x' } : next(answer)));
    const { code, errors } = await runCli(results, [SERIES, '--out', out, '--json'], call);
    expect({ code, errors }).toEqual({ code: 1, errors: [expect.stringContaining('a new generation')] });
    expect(isWhole(out)).toBe(false);
  });

  test('the API does not list a file of the provenance', async () => {
    const { world } = await doneWorld();
    serveLinks(world);
    const out = freshFolder();
    const call = changed(world, (answer) => ({ ...answer, assets: [] }));
    const { code, lines, errors } = await runCli(results, [SERIES, '--out', out, '--json'], call);
    expect({ code, errors }).toEqual({
      code: 1,
      errors: [expect.stringContaining('files/pdf/0 is not in the list')],
    });
    expect(JSON.parse(lines.join('\n'))).toMatchObject({
      folders: [],
      problems: [{ seriesInstanceUid: SERIES }],
    });
    expect(isWhole(out)).toBe(false);
    expect((await runCli(results, [SERIES, '--out', out], apiOf(world))).code).toBe(0);
  });

  test('a file of something else is in it', async () => {
    const { world } = await doneWorld();
    serveLinks(world);
    const out = freshFolder();
    await runCli(results, [SERIES, '--out', out], apiOf(world));
    writeFileSync(join(folderIn(out), '.DS_Store'), 'of the operating system');
    writeFileSync(join(folderIn(out), 'files', 'pdf', '7'), 'of another result');
    const { code, errors } = await runCli(results, [SERIES, '--out', out], apiOf(world));
    expect({ code, errors }).toEqual({ code: 1, errors: [expect.stringContaining('files/pdf/7 is not')] });
    expect(isWhole(out)).toBe(false);
  });

  test('the provenance is of another generation, or of no kind', async () => {
    const { world } = await doneWorld();
    for (const spoil of ['"generation": 3', 'no JSON']) {
      serveLinks(world, (name, body) =>
        name.endsWith('provenance.json')
          ? new Response(body.toString().replace('"generation": 1', spoil))
          : undefined,
      );
      const { code, errors } = await runCli(results, [SERIES, '--out', freshFolder()], apiOf(world));
      expect({ code, errors }).toEqual({ code: 1, errors: [expect.stringContaining('provenance.json')] });
    }
  });

  test('it has a provenance, and the generation has none', async () => {
    const { world } = await doneWorld();
    serveLinks(world);
    const out = freshFolder();
    await runCli(results, [SERIES, '--out', out], apiOf(world));
    const call = changed(world, ({ provenance: _, ...answer }) => ({ ...answer, state: 'FAILED' }));
    const { code, errors } = await runCli(results, [SERIES, '--out', out], call);
    expect({ code, errors }).toEqual({ code: 1, errors: [expect.stringContaining('choose another --out')] });
  });
});

test('one series that is not whole does not keep the others of its study', async () => {
  const { world } = await doneWorld();
  serveLinks(world, (name) => (name.endsWith('/pdf/0') ? new Response('other bytes') : undefined));
  const call: CallApi = async (request) => {
    const answer = await apiOf(world)(request);
    if (request.path !== '/v1/series') return answer;
    const { items } = answer as { items: object[] };
    return { items: [...items, { ...items[0], seriesInstanceUid: '1.5', state: 'RECEIVING' }] };
  };
  const { code, lines } = await runCli(results, [STUDY, '--out', freshFolder(), '--json'], call);
  expect(code).toBe(1);
  expect(JSON.parse(lines.join('\n'))).toMatchObject({
    problems: [{ seriesInstanceUid: SERIES }],
    without: [{ seriesInstanceUid: '1.5', state: 'RECEIVING' }],
  });
});

test('what a download that was killed left is removed by the next one', async () => {
  const { world } = await doneWorld();
  serveLinks(world);
  const out = freshFolder();
  const folder = join(out, 'default', STUDY, SERIES, '1');
  mkdirSync(join(folder, 'files', 'pdf'), { recursive: true });
  writeFileSync(join(folder, 'files', 'pdf', '0.0123abcd.part'), 'half');
  expect((await runCli(results, [SERIES, '--out', out], apiOf(world))).code).toBe(0);
  expect((await runCli(verify, [out])).code).toBe(0);
});

test('an expired link is asked for again', async () => {
  const { world } = await doneWorld();
  let refused = 0;
  serveLinks(world, (name) => {
    if (!name.endsWith('/pdf/0') || refused > 0) return undefined;
    refused += 1;
    return new Response('expired', { status: 403 });
  });
  expect((await runCli(results, [SERIES, '--out', freshFolder()], apiOf(world))).code).toBe(0);
  expect(refused).toBe(1);
});

test.each([
  'default/1.2/1.3/1/../../../../x',
  'other/1.2/1.3/1/result.json',
  'default/1.2/1.3/1/files/..\\x/0',
  'default/1.2/1.3/1/.bashrc',
])('a key that is none of its own is refused: %s', async (key) => {
  const link = { key, url: 'https://results.example/x' };
  const series = { source: 'default', studyInstanceUid: '1.2', seriesInstanceUid: '1.3', generation: 1 };
  const call: CallApi = async ({ path }) =>
    path.endsWith('/results')
      ? { ...series, state: 'DONE', results: [link], assets: [] }
      : { ...series, state: 'DONE' };
  const out = freshFolder();
  expect((await runCli(results, ['1.3', '--out', out], call)).code).toBe(1);
  expect(readdirSync(out)).toEqual([]);
});

test('the results of another series than was asked for are refused', async () => {
  const asked = { source: 'default', studyInstanceUid: '1.2', seriesInstanceUid: '1.3', generation: 1 };
  const link = { key: 'default/1.2/1.4/1/result.json', url: 'https://results.example/x' };
  const call: CallApi = async ({ path }) =>
    path.endsWith('/results')
      ? { ...asked, seriesInstanceUid: '1.4', results: [link], assets: [] }
      : { ...asked, state: 'DONE' };
  const out = freshFolder();
  expect((await runCli(results, ['1.3', '--out', out], call)).code).toBe(1);
  expect(readdirSync(out)).toEqual([]);
});

test('a source whose name is a path is refused', async () => {
  const series = { source: '..', studyInstanceUid: '1.2', seriesInstanceUid: '1.3', generation: 1 };
  const call: CallApi = async () => ({ ...series, state: 'DONE', results: [], assets: [] });
  expect((await runCli(results, ['1.3', '--out', freshFolder()], call)).code).toBe(1);
});

test('a series without results is named, and ends with 1', async () => {
  const world = newWorld();
  world.series.seed(receivingRow({ seriesInstanceUid: '1.5' }));
  const { code, lines } = await runCli(results, ['1.5', '--out', freshFolder()], apiOf(world));
  expect({ code, lines }).toEqual({ code: 1, lines: ['1.5: no results, it is RECEIVING'] });
});

describe('a series that has failed', () => {
  async function failedWorld(): Promise<World> {
    const world = newWorld();
    const message = await computingSeries(world, { product: 'qER', compute: ACCEPTED });
    world.qure.seriesResults.always(resultsAnswer(200, { ...resultBody({}, 'critical'), usecase: 'qct' }));
    await runPoll(world, message);
    await seriesIn(world, 'FAILED');
    return world;
  }
  const problem = 'it is FAILED, Qure answered with another product (wrong_usecase): its files are no result';

  test.each<string[][]>([[[]], [['--json']]])(
    'is a problem with its reason, and ends with 1 %s',
    async (options) => {
      const world = await failedWorld();
      serveLinks(world);
      const run = await runCli(results, [SERIES, '--out', freshFolder(), ...options], apiOf(world));
      expect(run).toMatchObject({ code: 1, errors: [`qure-dropoff: ${SERIES}: ${problem}`] });
      if (options.includes('--json'))
        expect(JSON.parse(run.lines.join('\n'))).toMatchObject({
          folders: [{ downloaded: 1, isVerified: false }],
          problems: [{ seriesInstanceUid: SERIES, problem }],
        });
    },
  );

  test('is named with its reason where nothing is stored', async () => {
    const world = newWorld();
    world.series.seed(failedRow({ seriesInstanceUid: '1.5', reason: 'results_timeout' }));
    const { code, lines } = await runCli(results, ['1.5', '--out', freshFolder()], apiOf(world));
    expect({ code, lines }).toEqual({
      code: 1,
      lines: ['1.5: no results, it is FAILED, Qure gave no result in time (results_timeout)'],
    });
  });
});

test('a place that cannot be written is told without a stack', async () => {
  const { world } = await doneWorld();
  serveLinks(world);
  const file = join(freshFolder(), 'file');
  writeFileSync(file, '');
  const { code, errors } = await runCli(results, [SERIES, '--out', join(file, 'out')], apiOf(world));
  expect({ code, errors }).toEqual({
    code: 1,
    errors: [expect.stringMatching(/a file instead of a folder$/)],
  });
});

test('the folder has to be named', async () => {
  expect(await runCli(results, ['1.5'])).toMatchObject({
    code: 2,
    errors: [expect.stringContaining('--out')],
  });
});
