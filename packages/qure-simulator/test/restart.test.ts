import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dicomFile } from './dicom-file.ts';
import { HEADERS, MULTIPART, multipartBody, startBench } from './independent-client.ts';

let folder: string;
let statePath: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qure-simulator-'));
  statePath = join(folder, 'deep', 'state.jsonl');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const MAIN = 'packages/qure-simulator/src/main.ts';

/** Starts the command and waits for its two lines. */
async function startCommand(...args: string[]): Promise<{ child: ChildProcess; lines: string[] }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === 2) break;
  }
  return { child, lines };
}

describe('with a state file', () => {
  test('keeps uploads and accepted computations, without pixels and descriptions', async () => {
    const before = await startBench({ statePath });
    await before.upload([dicomFile({ description: 'DOE JOHN' }), dicomFile({ sop: '1.2.3.2' })]);
    await before.get('/compute/1.2.3');
    const held = before.qure.series.get('1.2.3');
    await before.end();
    expect(readFileSync(statePath, 'utf8')).not.toContain('DOE');

    appendFileSync(statePath, '{"kind":"forget","uid":"1.2');
    const after = await startBench({ statePath });
    expect(after.qure.series.get('1.2.3')).toEqual(held);
    expect((await after.get('/compute/1.2.3')).status).toBe(304);
    after.qure.forget('1.2.3.2');
    await after.end();

    const last = await startBench({ statePath });
    expect([...(last.qure.series.get('1.2.3')?.instances.keys() ?? [])]).toEqual(['1.2.3.1']);
    await last.end();
  });

  test('refuses a state file of another program, and does not change it', async () => {
    const other = join(folder, 'other.txt');
    writeFileSync(other, 'precious\n');
    await expect(startBench({ statePath: other })).rejects.toThrow(/not one that it wrote/);
    expect(readFileSync(other, 'utf8')).toBe('precious\n');
  });

  test('keeps what it has answered after kill -9', async () => {
    const args = ['--token', 'a-token', '--source', 'a-workspace', '--state', statePath];
    const { child, lines } = await startCommand(...args);
    const headers = { ...HEADERS, 'content-type': MULTIPART };
    const uploaded = await request(`${lines[0]}/studies/`, {
      method: 'POST',
      headers,
      body: multipartBody([dicomFile()]),
    });
    await uploaded.body.dump();
    const pushed = await request(`${lines[0]}/compute/1.2.3`, { headers: HEADERS });
    await pushed.body.dump();
    child.kill('SIGKILL');
    await once(child, 'exit');
    const again = await startCommand(...args);
    const repeated = await request(`${again.lines[0]}/compute/1.2.3`, { headers: HEADERS });
    await repeated.body.dump();
    expect([uploaded.statusCode, pushed.statusCode, repeated.statusCode]).toEqual([200, 200, 304]);
  });
});

describe('the command', () => {
  test('prints its address and that results are simulated, applies a fault, and ends on SIGTERM', async () => {
    const { child, lines } = await startCommand('--fault', 'compute:status,status=418');
    expect(lines[0]).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(lines[1]).toContain('SIMULATED');
    const headers = { ...HEADERS, authorization: 'Token simulator', source: 'simulator' };
    const answer = await request(`${lines[0]}/compute/1`, { headers });
    await answer.body.dump();
    expect(answer.statusCode).toBe(418);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test.each([[['--port', 'many']], [['--fault', 'compute:nothing']], [['--unknown']], [['--port', '99999']]])(
    'ends %j with one line and exit code 2',
    async (args) => {
      const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
      children.push(child);
      let stderr = '';
      child.stderr.on('data', (bytes: Buffer) => {
        stderr += bytes.toString();
      });
      const [code] = await once(child, 'close');
      expect(code).toBe(2);
      expect(stderr.trim().split('\n')).toHaveLength(2);
      expect(stderr).toContain('--help');
    },
  );
});
