import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { buildDicom } from '@qure-dropoff/dicom/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { drop } from '../../../cli/commands/drop.ts';
import { dropByLinks } from '../../../cli/drop/drop-by-links.ts';
import { ScanTally } from '../../../cli/drop/tally.ts';
import { ApiCallError } from '../../../cli/target/api-answer.ts';
import type { CallApi } from '../../../cli/target/call-api.ts';
import { readMarkerBody } from '../../../functions/instances/marker.ts';
import { runCli } from '../../support/cli/run-cli.ts';
import { SERIES, slice } from '../../support/world/scans.ts';
import { zipOf } from '../../support/zip.ts';
import { BUCKET, startTestS3, type TestS3 } from '../../system/local/s3.ts';

let folder: string;
let s3: TestS3;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-drop-'));
  s3 = await startTestS3();
});
afterEach(async () => {
  await s3.close();
  await rm(folder, { recursive: true });
});

const SOURCES = [{ name: 'default', prefix: 'default/' }];

/** The API of a host on this machine. */
function hostWith(sources: readonly object[] = SOURCES): CallApi {
  return async ({ path }) => {
    if (path !== '/local/drop') throw new ApiCallError('404', { status: 404 });
    const { hostname, port, protocol } = (await s3.client.config.endpoint?.()) ?? {};
    return { s3Endpoint: `${protocol}//${hostname}:${port}`, region: 'us-east-1', bucket: BUCKET, sources };
  };
}

const put = async (name: string, bytes: Uint8Array | string) => {
  await mkdir(join(folder, name, '..'), { recursive: true });
  await writeFile(join(folder, name), bytes);
};

async function dropped(...argv: string[]) {
  const run = await runCli(drop, [...argv, '--json'], hostWith());
  return { ...run, outcome: JSON.parse(run.lines.join('\n')) as Record<string, unknown> };
}

async function keys(): Promise<string[]> {
  const { Contents = [] } = await s3.client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  return Contents.map(({ Key = '' }) => Key);
}

async function marker() {
  return (await markers())[0];
}

async function markers() {
  const found = (await keys()).filter((one) => one.endsWith('/_COMPLETE'));
  return Promise.all(found.map(async (key) => readMarkerBody((await s3.contentOf(key)).toString())));
}

describe('drop', () => {
  test('takes the scans of folders and zips, and marks them complete by series', async () => {
    await put('CD/DICOMDIR', 'no directory of a real CD');
    await put('CD/viewer.exe', 'MZ');
    await put('CD/a/1', slice(1));
    await put('CD/a/2', slice(2));
    await put('more.zip', zipOf([{ name: 'x/3', content: slice(1, { seriesInstanceUid: '1.2.7' }) }]));
    const { code, outcome } = await dropped(join(folder, 'CD', 'DICOMDIR'), join(folder, 'more.zip'));
    expect(code).toBe(0);
    expect(outcome).toMatchObject({ stored: 3, leftOut: 2, instances: 3, hasMarker: true, notDropped: [] });
    expect(await marker()).toEqual({
      kind: 'expectation',
      expectation: { kind: 'series', series: { [SERIES]: 2, '1.2.7': 1 } },
    });
    expect((await keys()).every((key) => /^default\/drop-[0-9a-f]{16}\/[0-9a-f]{16}\//.test(key))).toBe(true);
  });

  test('names the place in the command that follows', async () => {
    await put('1', slice(1));
    const where = ['--data-dir', "o'ther host"];
    const { lines } = await runCli(drop, [folder, ...where], hostWith());
    expect(lines.at(-1)).toBe(`  qure-dropoff watch ${SERIES} --data-dir 'o'\\''ther host'`);
  });

  test('counts an instance that is there twice once', async () => {
    await put('a/1', slice(1));
    await put('b/1', slice(1));
    expect((await dropped(folder)).outcome).toMatchObject({ stored: 2, instances: 1 });
    expect(await marker()).toMatchObject({ expectation: { series: { [SERIES]: 1 } } });
  });

  test('does not send again what is there with the same content, also where the ETag is no MD5', async () => {
    await put('1', slice(1));
    await put('2', slice(2));
    await dropped(folder);
    s3.requests.length = 0;
    expect((await dropped(folder)).outcome).toMatchObject({ stored: 0, unchanged: 2, hasMarker: true });
    expect(s3.requests.filter(({ method }) => method === 'PUT').map(({ key }) => key)).toEqual([
      expect.stringMatching(/_COMPLETE$/),
    ]);
    await put('2', slice(9));
    expect((await dropped(folder)).outcome).toMatchObject({ stored: 1, unchanged: 1 });
  });

  test('a damaged file is a problem, and there is no marker', async () => {
    await put('1', slice(1));
    await put('2', slice(2).subarray(0, 300));
    const { code, outcome, errors } = await dropped(folder);
    expect(code).toBe(1);
    expect(outcome).toMatchObject({ stored: 1, hasMarker: false, notDropped: [{ path: join(folder, '2') }] });
    expect(errors).toEqual([expect.stringContaining('truncated')]);
    expect(await marker()).toBeUndefined();
  });

  test.each([
    ['an empty file', 'empty', 'IM0002', Buffer.alloc(0)],
    [
      'a zip in a zip',
      'unpack',
      'more.zip',
      zipOf([{ name: 'inner.zip', content: zipOf([{ name: '2', content: slice(2) }]) }]),
    ],
    ['a compressed tar', 'unpack', 'more.tar.gz', Buffer.from('1f8b0800', 'hex')],
    ['a compressed tar of one ending', 'unpack', 'more.TGZ', Buffer.from('1f8b0800', 'hex')],
    ['a 7z', 'unpack', 'more.7z', Buffer.from("7z\xbc\xaf'\x1c", 'latin1')],
    ['a rar', 'unpack', 'more.rar', Buffer.from('Rar!')],
  ])(
    '%s may have been scans: it is a problem, and there is no marker',
    async (_what, told, name, content) => {
      await put('1', slice(1));
      await put(name, content);
      const { code, outcome, errors } = await dropped(folder);
      expect(code).toBe(1);
      expect(outcome).toMatchObject({ stored: 1, leftOut: 0, hasMarker: false, notDropped: [{}] });
      expect(errors).toEqual([expect.stringContaining(told)]);
    },
  );

  test('a broken zip is told once', async () => {
    await put('1', slice(1));
    await put('more.zip', 'PK\x03\x04 and no more');
    const { code, outcome, errors } = await dropped(folder);
    expect({ code, errors }).toEqual({
      code: 1,
      errors: [expect.stringMatching(/complete zip archive.*: not dropped/)],
    });
    expect(outcome).toMatchObject({ stored: 1, leftOut: 0, hasMarker: false, notDropped: [{}] });
  });

  test('leaves the marker out where it is asked to', async () => {
    await put('1', slice(1));
    expect((await dropped(folder, '--no-marker')).outcome).toMatchObject({ hasMarker: false });
    expect(await marker()).toBeUndefined();
  });

  test('a marker that lies among the files does not stand for all of them', async () => {
    await put('1', slice(1));
    await put('_COMPLETE', '{"instances": 1}');
    await dropped(folder);
    expect((await keys()).filter((key) => key.endsWith('_COMPLETE'))).toHaveLength(1);
    expect(await marker()).toMatchObject({ expectation: { kind: 'series' } });
  });

  test('a tar archive goes as it is, and the marker has no counts', async () => {
    await put('1', slice(1));
    await put('scans.tar', Buffer.alloc(1024));
    const warned = vi.spyOn(console, 'warn');
    expect((await dropped(folder)).outcome).toMatchObject({ stored: 2, hasMarker: true });
    expect((await dropped(folder)).outcome).toMatchObject({ unchanged: 2, hasMarker: true });
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
    expect(await markers()).toMatchObject([{ expectation: { kind: 'everything' } }]);
  });

  test.each([
    {
      what: 'of another study',
      next: slice(1, { studyInstanceUid: '1.2.8', seriesInstanceUid: '1.2.7' }),
      marked: [{ expectation: { series: { [SERIES]: 1 } } }, { expectation: { series: { '1.2.7': 1 } } }],
    },
    {
      what: 'with the rest of the study',
      next: slice(2),
      marked: [{ expectation: { series: { [SERIES]: 1 } } }],
    },
  ])('another CD at the same path, $what, replaces nothing', async ({ next, marked }) => {
    await put('CD/IM0001', slice(1));
    await dropped(join(folder, 'CD'));
    const first = (await keys()).find((key) => key.endsWith('IM0001')) ?? '';
    await put('CD/IM0001', next);
    expect((await dropped(join(folder, 'CD'))).outcome).toMatchObject({ stored: 1, hasMarker: true });
    expect((await keys()).filter((key) => key.endsWith('IM0001'))).toHaveLength(2);
    expect(await s3.contentOf(first)).toEqual(slice(1));
    const found = await markers();
    expect(found).toHaveLength(marked.length);
    expect(found).toEqual(
      expect.arrayContaining(
        marked.map((one) =>
          expect.objectContaining({ expectation: expect.objectContaining(one.expectation) }),
        ),
      ),
    );
  });

  test('a tar archive is not replaced either, and no marker covers the files of another drop', async () => {
    await put('scans.tar', Buffer.alloc(1024));
    await dropped(folder);
    const first = (await keys()).find((key) => key.endsWith('.tar')) ?? '';
    await put('scans.tar', Buffer.alloc(1024, 1));
    const { outcome, errors } = await dropped(folder);
    expect(outcome).toMatchObject({ stored: 1, hasMarker: false, notDropped: [] });
    expect(errors).toEqual([expect.stringContaining('quiet period')]);
    expect(await s3.contentOf(first)).toEqual(Buffer.alloc(1024));
  });

  test('no key is too long for S3', async () => {
    const deep = Array.from({ length: 8 }, () => 'f'.repeat(120)).join('/');
    await put(`${deep}/${'n'.repeat(255)}`, slice(1));
    expect((await dropped(folder)).outcome).toMatchObject({ stored: 1, notDropped: [] });
    expect((await keys()).every((key) => Buffer.byteLength(key) <= 1024)).toBe(true);
  });

  test('ends with 1 where there is nothing to drop, and with 2 for a path that is not there', async () => {
    const empty = await runCli(drop, [folder], hostWith());
    expect(empty).toEqual({ code: 1, lines: ['Nothing dropped: no DICOM file was found.'], errors: [] });
    await put('readme.txt', 'x');
    const { code, lines } = await runCli(drop, [folder], hostWith());
    expect({ code, lines }).toEqual({
      code: 1,
      lines: ['Nothing dropped: no DICOM file was found (1 other file).'],
    });
    expect(await runCli(drop, [join(folder, 'no')])).toMatchObject({ code: 2 });
  });

  test.each([
    { argv: [], told: /--source, because there are several: north, south/ },
    { argv: ['--source', 'west'], told: /--source: expected one of north, south, got "west"/ },
  ])('several sources: $told', async ({ argv, told }) => {
    await put('1', slice(1));
    const call = hostWith([
      { name: 'north', prefix: 'north/' },
      { name: 'south', prefix: 'south/' },
    ]);
    const { code, errors } = await runCli(drop, [folder, ...argv], call);
    expect(code).toBe(2);
    expect(errors).toEqual([expect.stringMatching(told)]);
  });

  test('says what the bucket refused', async () => {
    await put('1', slice(1));
    s3.before = async ({ method }) => (method === 'PUT' ? 507 : undefined);
    const { code, errors } = await runCli(drop, [folder], hostWith());
    expect({ code, errors }).toEqual({ code: 1, errors: [expect.stringContaining('drop bucket')] });
  });
});

describe('drop by upload links', () => {
  const seen = new Map<string, Buffer>();
  const server = createServer((request: IncomingMessage, response) => {
    void buffer(request).then((body) => {
      seen.set(request.url ?? '', body);
      response.end();
    });
  });
  beforeEach(() => {
    seen.clear();
    server.listen(0, '127.0.0.1');
  });
  afterEach(() => void server.close());

  const url = (name: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`;
  const linksOnly: CallApi = async ({ path, body }) => {
    if (path === '/local/drop') throw new ApiCallError('no such path', { status: 404 });
    if (path === '/v1/health') return { sources: [{ name: 'default' }] };
    const { count, folder } = body as { count: number; folder?: string };
    const place = folder === undefined ? '' : `${folder}-more-`;
    const uploads = Array.from({ length: count }, (_, at) => ({ url: url(place + String(at)) }));
    return { uploads, marker: { url: url('_COMPLETE') }, folder: 'upload-1' };
  };
  /** As an earlier version answers. */
  const withoutFolders: CallApi = async (request) => {
    const { folder: _, ...answer } = (await linksOnly(request)) as Record<string, unknown>;
    return answer;
  };

  test('refuses a tar archive, which no link can name, and writes no marker', async () => {
    await put('1', slice(1));
    await put('scans.tar', Buffer.alloc(1024));
    const { code, errors } = await runCli(drop, [folder], linksOnly);
    expect({ code, errors }).toEqual({ code: 1, errors: [expect.stringContaining('use --stack, or a zip')] });
    expect([...seen.keys()]).toEqual(['/0']);
  });

  test('uploads each file to a link of its own, the marker last', async () => {
    await put('1', slice(1));
    await put('2', buildDicom({ seriesInstanceUid: '1.2.7', sopInstanceUid: '1.2.7.1' }));
    const { code, lines } = await runCli(drop, [folder, '--json'], linksOnly);
    expect(code).toBe(0);
    expect(JSON.parse(lines.join('\n'))).toMatchObject({ stored: 2, hasMarker: true });
    expect([...seen.keys()].at(-1)).toBe('/_COMPLETE');
    expect(JSON.parse(String(seen.get('/_COMPLETE')))).toEqual({ series: { [SERIES]: 1, '1.2.7': 1 } });
    expect(seen.get('/0')).toEqual(slice(1));
  });

  test.each([
    { api: linksOnly, hasMarker: true },
    { api: withoutFolders, hasMarker: false },
  ])(
    'asks for links of the same folder above 1,000 files, where the API knows it: $hasMarker',
    async ({ api, hasMarker }) => {
      const entries = Array.from({ length: 1001 }, (_, at) => ({ name: String(at), content: slice(at + 1) }));
      await put('scans.zip', zipOf(entries));
      const { lines } = await runCli(drop, [join(folder, 'scans.zip'), '--json'], api);
      expect(JSON.parse(lines.join('\n'))).toMatchObject({ stored: 1001, hasMarker });
      const last = [...seen.keys()].at(-1);
      if (!hasMarker) {
        expect(seen.has('/_COMPLETE')).toBe(false);
        return;
      }
      expect(seen.has('/upload-1-more-0')).toBe(true);
      expect(last).toBe('/_COMPLETE');
      expect(JSON.parse(String(seen.get('/_COMPLETE')))).toEqual({ series: { [SERIES]: 1001 } });
    },
  );
});

test('links are asked for GiB by GiB, and anew for the marker: each is good for an hour', async () => {
  const counts: unknown[] = [];
  const call: CallApi = async ({ body }) => {
    const { count } = body as { count: number };
    counts.push(count);
    const url = 'http://127.0.0.1:9/';
    return { uploads: Array.from({ length: count }, () => ({ url })), marker: { url }, folder: 'upload-1' };
  };
  const items = [600, 100, 600, 2048].map((mib, at) => ({
    path: `${at}`,
    key: `${at}`,
    sizeBytes: mib * 1024 ** 2,
    isMarker: false,
    open: () => Promise.reject(new Error('not in this test')),
    release: () => undefined,
  }));
  const options = {
    call,
    source: 'default',
    tally: new ScanTally(),
    onProblem: () => undefined,
    onProgress: () => undefined,
    signal: new AbortController().signal,
    concurrency: 1,
  };
  await expect(dropByLinks(Readable.from(items), options, () => true)).rejects.toThrow('was not reached');
  expect(counts).toEqual([2, 1, 1, 1]);
});

test('a marker of very many series has their sum', () => {
  const tally = new ScanTally();
  for (let at = 0; at < 6000; at += 1)
    tally.add(String(at), 'f/', `1.2.840.113619.2.55.3.604688119.971.1234567890.${at}`, String(at));
  expect(tally.markerBody()).toBe('{"instances":6000}');
});

test('an object without a SHA-256 is compared by its MD5', async () => {
  await put('1', slice(1));
  await dropped(folder);
  const [key = ''] = (await keys()).filter((one) => !one.endsWith('_COMPLETE'));
  await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: slice(1) }));
  expect((await dropped(folder)).outcome).toMatchObject({ stored: 0, unchanged: 1 });
});
