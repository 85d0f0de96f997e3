import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { results } from '../../../cli/commands/results.ts';
import { verify } from '../../../cli/commands/verify.ts';
import type { CallApi } from '../../../cli/target/call-api.ts';
import { doneWorld } from '../../support/cli/done-world.ts';
import { apiOf, runCli } from '../../support/cli/run-cli.ts';
import { receivingRow } from '../../support/series-rows.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { SERIES, STUDY } from '../../support/world/scans.ts';
import type { World } from '../../support/world/world.ts';

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
    expect({ code, errors }).toEqual({ code: 1, errors: [expect.stringContaining('it is not written')] });
    const names = filesBelow(out).map((path) => path.split('/').at(-1));
    expect(names).not.toContain('0');
    // Without it nobody takes the folder for whole.
    expect(names).not.toContain('provenance.json');
    expect(names.filter((name) => name?.endsWith('.part'))).toEqual([]);
  });
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

test('the folder has to be named', async () => {
  expect(await runCli(results, ['1.5'])).toMatchObject({
    code: 2,
    errors: [expect.stringContaining('--out')],
  });
});
