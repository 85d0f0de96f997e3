import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentAt, NO_CHROMIUM, openBrowser } from '../../support/chromium.ts';
import { type HostProcess, startHostProcess } from '../../support/host-process.ts';
import { type HostileSite, startHostileSite, tellingPage } from '../../support/hostile-site.ts';
import { listenersOf, NO_PROC } from '../../support/listeners.ts';
import { prepareStack } from '../../support/synthesized-stack.ts';
import { until } from '../../support/until.ts';

/** A real browser whose user visits a hostile site while a host runs, and who uses the console besides. */
const WHY_NOT = NO_CHROMIUM ?? NO_PROC;
if (WHY_NOT !== undefined) console.warn(`skipped: test/system/local/browser: ${WHY_NOT}`);
/** Only a hang takes so long. */
const PATIENCE_MS = 600_000;
const RESULTS = 'qure-dropoff-results';
const FINAL = ['DONE', 'SKIPPED', 'UNSUPPORTED', 'FAILED'];

const dataDir = mkdtempSync(join(tmpdir(), 'browser-'));
let host: HostProcess;
let site: HostileSite;
let consoleUrl = '';
let s3: S3Client;
let ports: number[] = [];
const pages: string[] = [];

const api = async (path: string) =>
  (await fetch(`${consoleUrl}${path}`)).json() as Promise<Record<string, unknown>>;
const signed = (key: string) => getSignedUrl(s3, new GetObjectCommand({ Bucket: RESULTS, Key: key }));

/** What an attack may not change. */
async function state() {
  const keys = async (Bucket: string) =>
    (await s3.send(new ListObjectsV2Command({ Bucket }))).Contents?.map(({ Key, ETag }) => [Key, ETag]);
  return {
    series: await api('v1/series?limit=100'),
    quarantine: await api('v1/quarantine'),
    dropped: await keys('qure-dropoff-drop'),
    results: await keys(RESULTS),
  };
}

beforeAll(async () => {
  if (WHY_NOT !== undefined) return;
  await prepareStack(dataDir);
  host = startHostProcess(['--data-dir', dataDir, '--quiet-period', '1']);
  await until(
    'the samples to be dropped',
    () => (/Dropped \d/.test(host.printed().out) ? true : undefined),
    PATIENCE_MS,
  );
  consoleUrl = /http:\/\/127\.0\.0\.1:\d+\//.exec(host.printed().out)?.[0] ?? '';
  const endpoint = /--endpoint-url (\S+)/.exec(host.printed().out)?.[1] ?? '';
  await until(
    'all series to be final',
    async () => {
      const { items = [] } = (await api('v1/series?limit=100')) as { items?: { state: string }[] };
      return items.length >= 5 && items.every(({ state }) => FINAL.includes(state)) ? true : undefined;
    },
    PATIENCE_MS,
  );
  s3 = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  ports = listenersOf(host.child.pid ?? 0).map(({ port }) => port);
  site = await startHostileSite({ ports, pages });
  const put = (Key: string, ContentType: string, Body: string) =>
    s3.send(new PutObjectCommand({ Bucket: RESULTS, Key, ContentType, Body }));
  await put('page.html', 'text/html', tellingPage(site.port, 'page'));
  await put('polyglot.dcm', 'application/dicom', tellingPage(site.port, 'polyglot'));
  await put(
    'script.js',
    'text/javascript',
    `fetch('http://127.0.0.1:${site.port}/ran?script', { mode: 'no-cors' })`,
  );
  await put('note.txt', 'text/plain', 'a note to read');
  const madeUp =
    'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-SignedHeaders=host&X-Amz-Signature=00&X-Amz-Expires=604800' +
    `&X-Amz-Date=${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
  pages.push(
    `${endpoint}/${RESULTS}/page.html`,
    `${endpoint}/${RESULTS}/polyglot.dcm?response-content-type=text/html`,
    `${endpoint}/${RESULTS}/polyglot.dcm?response-content-type=text/html&${madeUp}`,
    `${endpoint}/${RESULTS}/page.html?${madeUp}`,
    await signed('page.html'),
    await getSignedUrl(
      s3,
      new GetObjectCommand({ Bucket: RESULTS, Key: 'polyglot.dcm', ResponseContentType: 'text/html' }),
    ),
  );
}, PATIENCE_MS);
afterAll(async () => {
  site?.close();
  await host?.kill();
  rmSync(dataDir, { recursive: true, force: true });
});

describe.skipIf(WHY_NOT !== undefined)(`a browser${WHY_NOT === undefined ? '' : ` (${WHY_NOT})`}`, () => {
  it.each([
    ['another site', () => `http://evil.localhost:${site.port}`],
    ['another port', () => `http://127.0.0.1:${site.port}`],
  ])(
    'reads, changes and runs nothing from a page of %s',
    async (_where, origin) => {
      const before = await state();
      const browser = openBrowser(`${origin()}/attack`);
      const attempts = await site.reported();
      await browser.close();
      expect(attempts.length).toBeGreaterThanOrEqual(20 * ports.length);
      // A form's answer fills a frame that the page cannot read; whether the form did anything is seen below.
      const got = attempts.filter(({ how, outcome }) => outcome !== 'failed' && !how.endsWith('form'));
      expect(got).toEqual([]);
      expect(site.ran).toEqual([]);
      expect(host.child.exitCode).toBeNull();
      expect(await state()).toEqual(before);
      expect((await fetch(`${consoleUrl}v1/health`)).status).toBe(200);
    },
    PATIENCE_MS,
  );

  it(
    'shows the console, which asks its own API',
    async () => {
      expect(await documentAt(consoleUrl)).toMatch(/Nothing here is a finding[\s\S]*qER/);
    },
    PATIENCE_MS,
  );

  it(
    'opens a signed link, typed or followed from another origin, without running scripts in it',
    async () => {
      expect(await documentAt(await signed('note.txt'))).toContain('a note to read');
      const followed = `http://127.0.0.1:${site.port}/go?to=${encodeURIComponent(await signed('note.txt'))}`;
      expect(await documentAt(followed)).toContain('a note to read');
      expect(await documentAt(await signed('page.html'))).toContain('<script>');
      expect(site.ran).toEqual([]);
    },
    PATIENCE_MS,
  );

  it(
    'follows no link without a signature from another origin',
    async () => {
      const [unsigned = ''] = pages;
      const document = await documentAt(
        `http://127.0.0.1:${site.port}/go?to=${encodeURIComponent(unsigned)}`,
      );
      expect(document).toContain('AccessDenied');
    },
    PATIENCE_MS,
  );
});
