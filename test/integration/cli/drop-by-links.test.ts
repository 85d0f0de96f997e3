import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { drop } from '../../../cli/commands/drop.ts';
import { dropByLinks } from '../../../cli/drop/drop-by-links.ts';
import { ScanTally } from '../../../cli/drop/tally.ts';
import { ApiCallError } from '../../../cli/target/api-answer.ts';
import type { CallApi } from '../../../cli/target/call-api.ts';
import { runCli } from '../../support/cli/run-cli.ts';
import { slice } from '../../support/world/scans.ts';

/** Its answer to each request for a link. */
let answer: (path: string) => number;
/** The paths that were asked for, and when. */
let puts: { path: string; atMs: number }[];
let asked: { count: number; folder?: string }[];
let server: Server;
beforeEach(async () => {
  answer = () => 200;
  puts = [];
  asked = [];
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      const path = request.url ?? '';
      puts.push({ path, atMs: Date.now() });
      response.writeHead(answer(path)).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const paths = () => puts.map(({ path }) => path);

/** The links of each request are numbered by it. */
const call: CallApi = async ({ path, body }) => {
  if (path === '/local/drop') throw new ApiCallError('no such path', { status: 404 });
  if (path === '/v1/health') return { sources: [{ name: 'default' }] };
  const { count, folder } = body as { count: number; folder?: string };
  asked.push({ count, ...(folder !== undefined && { folder }) });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${asked.length}`;
  const uploads = Array.from({ length: count }, (_, at) => ({ url: `${base}/${at}` }));
  return { uploads, marker: { url: `${base}/_COMPLETE` }, folder: 'upload-1' };
};
const withoutFolders: CallApi = async (request) => {
  const { folder: _, ...others } = (await call(request)) as Record<string, unknown>;
  return others;
};

function dropFiles(count: number, options: Partial<Parameters<typeof dropByLinks>[1]> = {}) {
  const items = Array.from({ length: count }, (_, at) => ({
    path: `${at}`,
    key: `${at}`,
    sizeBytes: 4,
    isMarker: false,
    open: async () => Readable.from([Buffer.from('DICM')], { objectMode: false }),
    release: () => undefined,
  }));
  const defaults = {
    call,
    source: 'default',
    tally: new ScanTally(),
    onProblem: () => undefined,
    onProgress: () => undefined,
    signal: new AbortController().signal,
    concurrency: 1,
  };
  return dropByLinks(Readable.from(items), { ...defaults, ...options }, () => true);
}

describe('an interrupted drop by links', () => {
  test.each([
    { where: 'between two requests for links', files: 1001, dropped: 1000 },
    { where: 'after the last file and before the marker', files: 3, dropped: 3 },
  ])('fails $where, and says what is dropped', async ({ files, dropped }) => {
    const ending = new AbortController();
    const onProgress = ({ stored }: { stored: number }) => {
      if (stored === dropped) ending.abort();
    };
    const ended = dropFiles(files, { onProgress, signal: ending.signal, concurrency: 8 });
    await expect(ended).rejects.toThrow(
      `ended before it was done, with ${dropped} files dropped and no marker`,
    );
    expect(puts).toHaveLength(dropped);
  });

  test('ends the command with 1, also within a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cli-links-'));
    await writeFile(join(folder, '1'), slice(1));
    const ending = new AbortController();
    answer = () => {
      ending.abort();
      return 200;
    };
    const { code, lines, errors } = await runCli(drop, [folder], call, { signal: ending.signal });
    await rm(folder, { recursive: true });
    expect({ code, lines, errors }).toEqual({
      code: 1,
      lines: [],
      errors: [expect.stringMatching(/ended before it was done, .* no marker; run it again/)],
    });
  });
});

describe('a link that has ended', () => {
  test.each([403, 400])(
    'by status %i is made anew in the same folder, with those that wait',
    async (status) => {
      // Those of the first request end with its third file.
      answer = (path) => (/^\/1\/[2-9]$/.test(path) ? status : 200);
      expect(await dropFiles(6, { concurrency: 2 })).toMatchObject({ stored: 6, hasMarker: true });
      expect(asked).toEqual([
        { count: 6 },
        { count: 6, folder: 'upload-1' },
        { count: 1, folder: 'upload-1' },
      ]);
      expect(paths().toSorted()).toEqual(
        ['/1/0', '/1/1', '/1/2', '/1/3', '/2/2', '/2/3', '/2/4', '/2/5', '/3/_COMPLETE'].toSorted(),
      );
    },
  );

  test('is made anew once: a new one that is refused is the last', async () => {
    answer = () => 403;
    await expect(dropFiles(2)).rejects.toThrow('got status 403');
    expect(paths()).toEqual(['/1/0', '/2/0']);
  });

  test('of a marker is made anew too', async () => {
    answer = (path) => (path === '/2/_COMPLETE' ? 403 : 200);
    expect(await dropFiles(1)).toMatchObject({ hasMarker: true });
    expect(paths()).toEqual(['/1/0', '/2/_COMPLETE', '/3/_COMPLETE']);
  });

  test('leaves no marker where the new ones have another folder', async () => {
    answer = (path) => (path === '/1/1' ? 403 : 200);
    const sums = await dropFiles(2, { call: withoutFolders });
    expect(sums).toMatchObject({ stored: 2, hasMarker: false });
    expect(paths()).toEqual(['/1/0', '/1/1', '/2/1']);
  });
});

describe('a file that S3 has not taken', () => {
  test('is sent again after waits that grow, also where a stalled connection was answered with 400', async () => {
    const statuses = [400, 503, 200];
    answer = () => statuses.shift() ?? 200;
    expect(await dropFiles(1)).toMatchObject({ stored: 1, hasMarker: true });
    expect(paths()).toEqual(['/1/0', '/2/0', '/2/0', '/3/_COMPLETE']);
    const [first = 0, second = 0, third = 0] = puts.map(({ atMs }) => atMs);
    expect(second - first).toBeGreaterThan(900);
    expect(third - second).toBeGreaterThan(1900);
  });

  test.each([
    { status: 503, tries: 3 },
    { status: 400, tries: 3 },
    { status: 404, tries: 1 },
  ])('$tries times by status $status fails', async ({ status, tries }) => {
    answer = () => status;
    await expect(dropFiles(1)).rejects.toThrow(`got status ${status}`);
    expect(puts).toHaveLength(tries);
  });
});
