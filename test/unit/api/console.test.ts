import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { encodingFor } from '../../../functions/api/console-route.ts';
import type { SignIn } from '../../../functions/api/sign-in.ts';
import { createConsoleFiles } from '../../../functions/handlers/serve-api/console-files.ts';
import { createHandler } from '../../../functions/handlers/serve-api/handler.ts';
import { VERSION } from '../../../functions/shared/version.ts';
import { World } from '../../support/world/world.ts';

const FILES = { 'index.html': '<!doctype html>', 'main-AB12.js': 'alert(1)', 'main-CD34.css': 'p {}' };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'qure-dropoff-console-'));
  const console = join(folder, 'console');
  mkdirSync(console);
  writeFileSync(join(folder, 'secret.js.gz'), gzipSync('secret'));
  for (const [name, text] of Object.entries(FILES)) {
    writeFileSync(join(console, `${name}.br`), brotliCompressSync(text));
    writeFileSync(join(console, `${name}.gz`), gzipSync(text));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Asked {
  method?: string;
  encoding?: string;
  signIn?: SignIn;
}

async function ask(path: string, { method = 'GET', encoding = 'gzip, br', signIn }: Asked = {}) {
  const files = createConsoleFiles(pathToFileURL(`${folder}/console/`));
  const handler = createHandler({ ...new World().deps, readConsoleFile: files, ...(signIn && { signIn }) });
  const event = {
    version: '2.0',
    rawPath: path,
    headers: { 'accept-encoding': encoding },
    requestContext: { http: { method, path } },
    isBase64Encoded: false,
  } as unknown as APIGatewayProxyEventV2;
  return handler(event);
}

describe('the page', () => {
  it('comes compressed, is asked for anew each time, and may neither be framed nor load anything from elsewhere', async () => {
    const { statusCode, headers, body, isBase64Encoded } = await ask('/');
    expect(statusCode).toBe(200);
    expect(isBase64Encoded).toBe(true);
    expect(Buffer.from(body ?? '', 'base64')).toEqual(brotliCompressSync(FILES['index.html']));
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-encoding': 'br',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
    expect(String(headers?.['content-security-policy']).split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self' https://results.example https://drop.example",
      "img-src 'self' data: blob: https://results.example https://drop.example",
      'frame-src https://results.example https://drop.example',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ]);
  });

  it('is a 404 where the console has not been built', async () => {
    const { statusCode } = await createHandler(new World().deps)({
      version: '2.0',
      rawPath: '/',
      requestContext: { http: { method: 'GET', path: '/' } },
    } as unknown as APIGatewayProxyEventV2);
    expect(statusCode).toBe(404);
  });
});

describe('a file of the console', () => {
  test.each([
    ['/console/main-AB12.js', 'text/javascript; charset=utf-8'],
    ['/console/main-CD34.css', 'text/css; charset=utf-8'],
  ])('%s may be kept for ever', async (path, type) => {
    const { headers } = await ask(path);
    expect(headers).toMatchObject({
      'content-type': type,
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    });
  });

  it('comes as it is to a client that unpacks nothing', async () => {
    const { headers, body } = await ask('/console/main-AB12.js', { encoding: '' });
    expect(headers).not.toHaveProperty('content-encoding');
    expect(Buffer.from(body ?? '', 'base64').toString()).toBe(FILES['main-AB12.js']);
  });

  test.each([
    '/console/main-ZZ99.js',
    '/console/index.html',
    '/console/main-AB12.js.gz',
    '/console/..%2Fsecret.js',
    '/console/..',
    '/console/__proto__',
    '/console/a.constructor',
    '/console/',
  ])('%s is none', async (path) => {
    expect(await ask(path)).toMatchObject({ statusCode: 404 });
  });

  it('is only to be read', async () => {
    const { statusCode, headers } = await ask('/console/main-AB12.js', { method: 'POST' });
    expect(statusCode).toBe(405);
    expect(headers).toMatchObject({ allow: 'GET, HEAD' });
  });
});

test('the configuration names the version, and in the cloud no simulator', async () => {
  const { body } = await ask('/console/config.json');
  expect(JSON.parse(body ?? '')).toEqual({ version: VERSION });
});

describe('with sign-in', () => {
  const signIn: SignIn = {
    issuer: 'https://login.example/realms/a',
    clientId: 'page',
    scopes: ['openid'],
    rolesClaim: 'roles',
    origins: ['https://tokens.example'],
  };

  it('the configuration says where, and not which claim decides', async () => {
    const { body } = await ask('/console/config.json', { signIn });
    const { issuer, clientId, scopes } = signIn;
    expect(JSON.parse(body ?? '')).toEqual({ version: VERSION, signIn: { issuer, clientId, scopes } });
  });

  it('the page is stored nowhere: Back must not show it after a sign-out', async () => {
    const { headers } = await ask('/', { signIn });
    expect(headers?.['cache-control']).toBe('no-store');
  });

  it('the page may connect to the provider', async () => {
    const { headers } = await ask('/', { signIn });
    expect(headers?.['content-security-policy']).toContain(
      "connect-src 'self' https://results.example https://drop.example https://login.example https://tokens.example;",
    );
  });
});

test.each([
  [undefined, 'identity'],
  ['', 'identity'],
  ['gzip, deflate, br, zstd', 'br'],
  ['GZIP', 'gzip'],
  ['br;q=0, gzip;q=0.5', 'gzip'],
  ['br;q=1.0', 'br'],
  ['*', 'identity'],
])('for accept-encoding %j the encoding is %s', (header, encoding) => {
  expect(encodingFor(header)).toBe(encoding);
});
