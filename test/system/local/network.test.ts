import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type QureSimulator, startQureSimulator } from '@qure-dropoff/qure-simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Report } from '../../../local/report.ts';
import { sampleStudies } from '../../../local/samples/sample-studies.ts';
import { startHostProcess } from '../../support/host-process.ts';
import { prepareStack } from '../../support/synthesized-stack.ts';
import { createAuthority } from '../../support/wire/certificates.ts';
import { type ForwardProxy, startForwardProxy } from '../../support/wire/forward-proxy.ts';
import { startTlsFront } from '../../support/wire/tls-front.ts';

/** Names of the hospital's network: only its proxy knows where they are. */
const QURE = 'qure.hospital.test';
const FILES = 'files.hospital.test';
const ACCOUNT = { token: 'token-of-the-hospital', source: 'workspace-1' };
const LOGIN = 'site:password-of-the-proxy';

const folder = mkdtempSync(join(tmpdir(), 'network-'));
const dataDir = join(folder, 'data');
const authority = createAuthority('Hospital authority');
const closers: (() => Promise<void>)[] = [];
let simulator: QureSimulator;
let proxy: ForwardProxy;
let ports: { qure: number; files: number };

beforeAll(async () => {
  const upstream = { qure: '', files: '' };
  const [qure, files] = await Promise.all([
    startTlsFront(authority.issue([QURE]), '127.0.0.2', () => upstream.qure),
    startTlsFront(authority.issue([FILES]), '127.0.0.2', () => upstream.files),
  ]);
  ports = { qure: qure.port, files: files.port };
  const assetOrigin = `https://${FILES}:${files.port}`;
  simulator = await startQureSimulator({ ...ACCOUNT, computeDelayMs: 500, assetOrigin });
  Object.assign(upstream, { qure: simulator.baseUrl, files: simulator.assetServerOrigin });
  proxy = await startForwardProxy({ hosts: { [QURE]: '127.0.0.2', [FILES]: '127.0.0.2' }, login: LOGIN });
  closers.push(simulator.close, qure.close, files.close, proxy.close);

  mkdirSync(join(folder, 'scans'), { recursive: true });
  for (const { path, bytes } of sampleStudies())
    if (path.includes('hand')) writeFileSync(join(folder, 'scans', 'hand.dcm'), bytes);
  writeFileSync(join(folder, 'ca.pem'), authority.caPem);
  const north = {
    qure: {
      baseUrl: `https://${QURE}:${ports.qure}`,
      source: ACCOUNT.source,
      tokenEnv: 'TOKEN_OF_THE_TEST',
    },
    network: { caFile: 'ca.pem', caSecretName: 'hospital/ca', assetHosts: ['hospital.test'] },
  };
  writeFileSync(join(folder, 'sources.json'), JSON.stringify({ sources: { north } }));
  await prepareStack(dataDir);
});
afterAll(async () => {
  await Promise.all(closers.map((close) => close()));
  rmSync(folder, { recursive: true, force: true });
});

it('a host reaches Qure and its files through the proxy with a login and the private CA, and tells neither', async () => {
  const reportFile = join(folder, 'report.json');
  const run = await startHostProcess(
    [
      join(folder, 'scans'),
      ...['--once', '--data-dir', dataDir, '--json', reportFile, '--quiet-period', '2'],
      ...['--config', join(folder, 'sources.json')],
    ],
    {
      TOKEN_OF_THE_TEST: ACCOUNT.token,
      HTTPS_PROXY: proxy.url.replace('//', `//${LOGIN}@`),
      NO_PROXY: '127.0.0.1',
    },
  ).ended;
  const report = JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
  expect(report.series).toMatchObject([{ source: 'north', state: 'DONE', product: 'qMSK' }]);
  expect(report.series[0]?.resultKeys.some((key) => key.includes('/files/'))).toBe(true);
  expect(run.code).toBe(0);
  expect(new Set(proxy.asked)).toEqual(
    new Set([`CONNECT ${QURE}:${ports.qure}`, `CONNECT ${FILES}:${ports.files}`]),
  );
  expect(simulator.journal.some(({ stage }) => stage === 'asset')).toBe(true);
  expect(run.out + run.err + JSON.stringify(report)).not.toContain('password-of-the-proxy');
});
