import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type FaultRule,
  type QureSimulator,
  type SimulatedCall,
  startQureSimulator,
} from '../../../local/qure-simulator/qure-simulator.ts';
import type { Report } from '../../../local/report.ts';
import { startHostProcess } from '../../support/host-process.ts';
import { headSlice } from '../../support/pipeline.ts';
import { prepareStack } from '../../support/synthesized-stack.ts';
import { until } from '../../support/until.ts';

const SLICES = 12;
const dataDir = mkdtempSync(join(tmpdir(), 'kill-'));
let qure: QureSimulator;
beforeAll(async () => {
  await prepareStack(dataDir);
  qure = await startQureSimulator({ token: 'good-token', source: 'workspace', computeDelayMs: 500 });
});
afterAll(async () => {
  await qure?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function start(...args: string[]) {
  return startHostProcess(
    ['--data-dir', dataDir, '--quiet-period', '600', '--poll-interval', '0.5', ...args],
    { QURE_BASE_URL: qure.baseUrl, QURE_TOKEN: 'good-token', QURE_SOURCE: 'workspace' },
  );
}

describe('a host that is killed goes on where it was, and nothing is computed twice', () => {
  it.each<[string, string, FaultRule[], (call: SimulatedCall) => boolean]>([
    [
      'while instances go to Qure',
      '1.2.830.1',
      [{ stage: 'upload', skip: 1, times: 4, fault: { kind: 'hang', when: 'before' } }],
      ({ stage, status }) => stage === 'upload' && status === 'hang',
    ],
    [
      'while Qure has taken an upload and not answered it',
      '1.2.830.2',
      [{ stage: 'upload', times: 5, fault: { kind: 'hang', when: 'after' } }],
      ({ stage, status }) => stage === 'upload' && status === 'hang',
    ],
    [
      'while Qure has accepted the compute call and not answered it',
      '1.2.830.3',
      [{ stage: 'compute', times: 1, fault: { kind: 'hang', when: 'after' } }],
      ({ stage, status }) => stage === 'compute' && status === 'hang',
    ],
    [
      'while results are waited for',
      '1.2.830.4',
      [{ stage: 'results', times: 1000, fault: { kind: 'still_processing' } }],
      ({ stage, status }) => stage === 'results' && status === 202,
    ],
  ])('%s', async (_name, uid, faults, isTheMoment) => {
    const folder = join(dataDir, `drop-${uid}`);
    mkdirSync(folder);
    for (let n = 1; n <= SLICES; n += 1) writeFileSync(join(folder, String(n)), headSlice(uid, n));
    // Complete by count: how fast this machine is plays no part.
    writeFileSync(join(folder, '_COMPLETE'), JSON.stringify({ series: { [uid]: SLICES } }));
    qure.setFaults(faults);
    const from = qure.journal.length;

    const killed = start(folder);
    await until('the moment to kill', () => {
      if (killed.child.exitCode !== null) throw new Error(`the host has ended: ${killed.printed().err}`);
      return qure.journal.slice(from).some(isTheMoment) ? true : undefined;
    });
    await killed.kill();
    qure.setFaults([]);

    // The folder again: what is there already is not dropped twice.
    const reportFile = join(dataDir, 'report.json');
    const { code, err } = await start(folder, '--once', '--json', reportFile).ended;
    expect(err).toBe('');
    expect(code).toBe(0);
    const report = JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
    const series = report.series.filter(({ seriesInstanceUid }) => seriesInstanceUid === uid);
    expect(series).toMatchObject([{ state: 'DONE', generation: 1, instances: SLICES, product: 'qER' }]);
    expect(qure.series.get(uid)?.computations).toMatchObject([{ isRecompute: false, instances: SLICES }]);
  });
});
