import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDataDir } from '../../../local/cloud/data-dir-lock.ts';
import { prepareStack } from '../../support/synthesized-stack.ts';
import { type NpmChain, startNpmChain } from './npm-chain.ts';

let folder = '';
let chain: NpmChain | undefined;
const dataDir = () => join(folder, 'data');

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'npm-chain-'));
  mkdirSync(dataDir());
  mkdirSync(join(folder, 'nothing'));
  await prepareStack(dataDir());
});
afterEach(async () => {
  for (const pid of [chain?.npm.pid, chain?.shellPid, chain?.hostPid]) {
    if (pid !== undefined) killIfAlive(pid);
  }
  await chain?.ended;
  chain = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended, as it should.
  }
}

/** The result table of an empty run, which a host prints only when it stops in order. */
const RESULT_TABLE = /^no series$/m;

describe.skipIf(process.platform !== 'linux')('a host of npm start (told by /proc, on Linux only)', () => {
  it.each<[string, (running: NpmChain) => void]>([
    ['npm is told to end and passes it on to its shell', ({ npm }) => npm.kill('SIGTERM')],
    ['its shell is killed', ({ shellPid }) => process.kill(shellPid, 'SIGKILL')],
  ])('shuts down cleanly when %s', async (_name, end) => {
    chain = await startNpmChain(dataDir(), join(folder, 'nothing'));
    end(chain);
    await chain.ended;
    expect(chain.printed()).toMatch(RESULT_TABLE);
    (await lockDataDir(dataDir()))();
  });

  it('ends at once when npm is killed, and frees the data directory', async () => {
    chain = await startNpmChain(dataDir(), join(folder, 'nothing'));
    chain.npm.kill('SIGKILL');
    await chain.ended;
    expect(chain.printed()).not.toMatch(RESULT_TABLE);
    (await lockDataDir(dataDir()))();
  });
});
