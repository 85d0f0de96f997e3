import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleCli } from '../../../build/cli.ts';
import { findConsole } from '../../../local/host/console-address.ts';
import { type HostProcess, startHostProcess } from '../../support/host-process.ts';
import { headSlice } from '../../support/pipeline.ts';
import { prepareStack } from '../../support/synthesized-stack.ts';
import { until } from '../../support/until.ts';

/** The command as the package has it, against a whole host: a scan is dropped, followed, shown and fetched. */
const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'cli-host-'));
const dataDir = join(folder, 'data');
let host: HostProcess;

beforeAll(async () => {
  bundleCli(REPOSITORY, folder);
  mkdirSync(dataDir);
  await prepareStack(dataDir);
  mkdirSync(join(folder, 'empty'));
  mkdirSync(join(folder, 'scan'));
  for (const number of [1, 2, 3])
    writeFileSync(join(folder, 'scan', `${number}.dcm`), headSlice('1.2.840.7.1', number));
  writeFileSync(join(folder, 'scan', 'viewer.exe'), 'MZ');
  // Longer than the test's patience: only the marker of the command completes the series.
  host = startHostProcess(['--data-dir', dataDir, '--quiet-period', '86400', join(folder, 'empty')]);
  await until('the host serves', async () => findConsole(dataDir));
});
afterAll(async () => {
  await host?.kill();
  rmSync(folder, { recursive: true, force: true });
});

function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const command = [join(folder, 'cli', 'main.js'), ...argv, '--data-dir', dataDir];
  return new Promise((resolve) => {
    execFile(process.execPath, command, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

it('drops a scan, follows it, and fetches its results', async () => {
  const dropped = await run('drop', join(folder, 'scan'), '--json');
  expect(dropped).toMatchObject({ code: 0, err: '' });
  const { series, leftOut, hasMarker } = JSON.parse(dropped.out) as {
    series: string[];
    leftOut: number;
    hasMarker: boolean;
  };
  expect({ count: series.length, leftOut, hasMarker }).toEqual({ count: 1, leftOut: 1, hasMarker: true });
  const [uid = ''] = series;

  const watched = await run('watch', uid, '--json');
  expect(watched.code).toBe(0);
  expect(JSON.parse(watched.out.trim().split('\n').at(-1) ?? '')).toMatchObject({
    state: 'DONE',
    evidence: 'count',
  });

  expect((await run('ls')).out).toMatch(/1\/1 done/);
  expect((await run('ls', '--series', '--product', 'qER', '--json')).out).toContain(uid);
  expect((await run('show', uid)).out).toMatch(/state: +DONE/);
  expect((await run('events', '--all', '--no-follow')).out).toContain('Series Done');
  expect(await run('quarantine')).toMatchObject({ code: 0, out: 'nothing is in quarantine\n' });

  const out = join(folder, 'results');
  expect(await run('results', uid, '--out', out)).toMatchObject({ code: 0, err: '' });
  const verified = await new Promise<string>((resolve) => {
    execFile(process.execPath, [join(folder, 'cli', 'main.js'), 'verify', out], (_error, text) =>
      resolve(text),
    );
  });
  expect(verified).toContain('1 generation, 0 differ');

  const again = await run('drop', join(folder, 'scan'), '--json');
  expect(JSON.parse(again.out)).toMatchObject({ stored: 0 });
  expect((await run('doctor', '--json')).code).toBe(0);
  const yaml = join(folder, 'new.yaml');
  writeFileSync(yaml, 'sources: { default: { products: [qCT] } }');
  expect((await run('rules', 'backtest', yaml)).out).toMatch(/qER +1 +0 +-1/);
});
