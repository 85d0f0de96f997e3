import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type QureSimulator, startQureSimulator } from '@qure-dropoff/qure-simulator';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { doctor } from '../../../cli/commands/doctor.ts';
import { judgeClock, judgeDisk, judgeNode } from '../../../cli/doctor/machine.ts';
import type { Finding } from '../../../cli/preflight/finding.ts';
import { ApiCallError } from '../../../cli/target/api-answer.ts';
import type { CallApi } from '../../../cli/target/call-api.ts';
import { VERSION } from '../../../functions/shared/version.ts';
import { runCli } from '../../support/cli/run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
let qure: QureSimulator;
beforeAll(async () => {
  qure = await startQureSimulator({ token: 'T', source: 'W' });
});
afterAll(async () => {
  await qure.close();
  rmSync(folder, { recursive: true, force: true });
});

const sound: CallApi = async ({ path }) =>
  path === '/v1/health'
    ? { version: VERSION, sources: [{ name: 'default' }], misconfiguredPrefixes: [] }
    : { counts: [] };

interface Planted {
  env: Record<string, string>;
  call: CallApi;
  argv: string[];
  dataDir: string;
}
let host: Planted;
/** A host on which nothing is wrong, with a Qure that knows its token. */
beforeEach(() => {
  const dataDir = join(folder, 'data');
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { mode: 0o700 });
  const env = { QURE_BASE_URL: qure.baseUrl, QURE_TOKEN: 'T', QURE_SOURCE: 'W' };
  host = { env, call: sound, argv: [], dataDir };
});

async function check(): Promise<{ code: number; wrong: Finding[]; all: Finding[] }> {
  const argv = ['--json', '--data-dir', host.dataDir, ...host.argv];
  const { code, lines, errors } = await runCli(doctor, argv, host.call, {
    env: host.env,
    now: () => new Date(),
  });
  expect(errors).toEqual([]);
  const { findings } = JSON.parse(lines.join('\n')) as { findings: Finding[] };
  return {
    code,
    all: findings,
    // What this machine is short of is no mistake of the test.
    wrong: findings.filter(({ level, check }) => level !== 'ok' && check !== 'disk'),
  };
}

function sourcesFile(text: string): void {
  const file = join(folder, 'sources.yaml');
  writeFileSync(file, text);
  host.argv = ['--config', file];
  host.env = {};
}

test('finds nothing wrong with a sound host, and uploads nothing', async () => {
  const { code, wrong, all } = await check();
  expect({ code, wrong }).toEqual({ code: 0, wrong: [] });
  expect(all.map((one) => one.check)).toContain('qure-default');
  expect(JSON.stringify(all)).not.toContain('"T"');
});

test.each<{ name: string; plant(): void; check: string; fix: RegExp }>([
  {
    name: 'other users may enter the data directory',
    plant: () => chmodSync(host.dataDir, 0o755),
    check: 'data-dir',
    fix: /chmod 700/,
  },
  {
    name: 'the data directory is a file',
    plant: () => {
      host.dataDir = join(folder, 'file');
      writeFileSync(host.dataDir, '');
    },
    check: 'data-dir',
    fix: /another folder/,
  },
  {
    name: 'a variable is missing',
    plant: () => {
      delete host.env['QURE_SOURCE'];
    },
    check: 'qure-variables',
    fix: /unset/,
  },
  {
    name: 'the token has a word before it',
    plant: () => {
      host.env['QURE_TOKEN'] = 'Token T';
    },
    check: 'qure-variables',
    fix: /variables/,
  },
  {
    name: 'the token is wrong',
    plant: () => {
      host.env['QURE_TOKEN'] = 'old';
    },
    check: 'qure-default',
    fix: /token/,
  },
  {
    name: 'the workspace is wrong',
    plant: () => {
      host.env['QURE_SOURCE'] = 'other';
    },
    check: 'qure-default',
    fix: /workspace/,
  },
  {
    name: 'the proxy is none',
    plant: () => {
      host.env['HTTPS_PROXY'] = 'ftp://proxy';
    },
    check: 'proxy',
    fix: /http:\/\/host:port/,
  },
  {
    name: 'the file of certificates is not there',
    plant: () => {
      host.env['NODE_EXTRA_CA_CERTS'] = join(folder, 'no.pem');
    },
    check: 'ca',
    fix: /openssl/,
  },
  {
    name: 'the sources file has mistakes',
    plant: () => sourcesFile('sources: { a: { prefix: /a }, b: { quietPeriodSeconds: -1 } }'),
    check: 'sources-document',
    fix: /configuration\.md/,
  },
  {
    name: 'the variable of a token is not set',
    plant: () =>
      sourcesFile('sources: { a: { qure: { baseUrl: "https://q.example", source: W, tokenEnv: NONE } } }'),
    check: 'sources-document',
    fix: /configuration\.md/,
  },
  {
    name: 'no host runs',
    plant: () => {
      host.call = async () => {
        throw new ApiCallError('not reached');
      };
    },
    check: 'api',
    fix: /npm start/,
  },
  {
    name: 'another program has the port',
    plant: () => {
      host.call = async () => ({});
    },
    check: 'api',
    fix: /port/,
  },
])('finds that $name, and nothing else', async ({ plant, check: name, fix }) => {
  plant();
  const { code, wrong } = await check();
  expect(new Set(wrong.map((one) => `${one.check} ${one.level}`))).toEqual(new Set([`${name} problem`]));
  expect(code).toBe(1);
  for (const one of wrong) expect(one.fix).toMatch(fix);
});

test.each<[name: string, status: number, body: string, level: Finding['level'], detail: RegExp]>([
  [
    'of a web server, for every path',
    404,
    '404 page not found',
    'warning',
    /answers 404, but not as Qure does/,
  ],
  ['of a framework', 404, '{"detail":"Not Found"}', 'warning', /answers 404, but not as Qure does/],
  ['as a page', 404, '<html>Not Found</html>', 'problem', /answered, but not as Qure does/],
  ['with another body', 200, '{"status":"up"}', 'problem', /answered, but not as Qure does/],
  ['of Qure', 404, '{"sucess":false,"message":"Resource"}', 'ok', /accepts the token/],
  ['of an older Qure', 404, '{"message":"Series 1.2 is not yet uploaded!"}', 'ok', /accepts the token/],
])('an answer %s (%d %s): %s', async (_name, status, body, level, detail) => {
  const server = createServer((_request, response) => response.writeHead(status).end(body));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  try {
    const { port } = server.address() as AddressInfo;
    host.env['QURE_BASE_URL'] = `http://127.0.0.1:${port}`;
    const { all } = await check();
    const [found] = all.filter((one) => one.check === 'qure-default');
    expect(found).toMatchObject({ level, detail: expect.stringMatching(detail) });
    expect(found?.fix ?? '').not.toMatch(/outgoing TLS/);
  } finally {
    server.close();
  }
});

test('judges no data directory of this machine for an API elsewhere', async () => {
  chmodSync(host.dataDir, 0o755);
  const argv = ['--json', '--api', 'http://127.0.0.1:4800'];
  const { lines } = await runCli(doctor, argv, sound, { env: host.env, now: () => new Date() });
  const { findings } = JSON.parse(lines.join('\n')) as { findings: Finding[] };
  const checks = findings.map((one) => one.check);
  expect(checks).toContain('qure-default');
  expect(checks).not.toContain('data-dir');
  expect(checks).not.toContain('disk');
});

test('names the host in its fixes', async () => {
  host.call = async ({ path }) =>
    path === '/v1/health'
      ? { version: VERSION, sources: [{ name: 'a', stopped: 'auth_rejected' }], misconfiguredPrefixes: [] }
      : { counts: [] };
  const { wrong } = await check();
  expect(wrong[0]?.fix).toContain(`retry --source a --data-dir ${host.dataDir}`);
});

test('finds that Qure does not answer', async () => {
  host.env['QURE_BASE_URL'] = 'http://127.0.0.1:9';
  const { wrong } = await check();
  expect(wrong).toContainEqual(expect.objectContaining({ check: 'qure-default', level: 'problem' }));
});

test.each([
  ['18.20.0', false, 'problem'],
  ['20.18.9', false, 'problem'],
  ['20.19.0', false, 'ok'],
  ['22.11.0', false, 'problem'],
  ['22.12.0', true, 'warning'],
  ['24.0.0', true, 'ok'],
])('Node.js %s, for a host: %s, is a %s', (version, isForHost, level) => {
  expect(judgeNode(version, isForHost).level).toBe(level);
});

test.each([
  [0.5, 'problem'],
  [3, 'warning'],
  [100, 'ok'],
])('%d GiB free are a %s', (gibibytes, level) => {
  expect(judgeDisk(gibibytes * 1024 ** 3).level).toBe(level);
});

test.each([
  [0, 'ok'],
  [-90_000, 'warning'],
  [400_000, 'problem'],
])('a clock that is %d ms away is a %s', (skewMs, level) => {
  expect(judgeClock(1_000_000 + skewMs, 1_000_000).level).toBe(level);
});

test('a server that does not tell its time is a warning', () => {
  expect(judgeClock(undefined, 0).level).toBe('warning');
});
