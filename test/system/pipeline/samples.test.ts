import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../../local/report.ts';
import { startHostProcess } from '../../support/host-process.ts';
import { readEvents } from '../../support/pipeline.ts';
import { prepareStack } from '../../support/synthesized-stack.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'samples-'));
const reportFile = join(dataDir, 'report.json');
let run: { code: number | null; out: string; err: string };
let report: Report;
beforeAll(async () => {
  await prepareStack(dataDir);
  run = await startHostProcess(['--once', '--data-dir', dataDir, '--json', reportFile, '--quiet-period', '4'])
    .ended;
  if (run.err !== '') throw new Error(`the host has failed: ${run.err}`);
  report = JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('the generated samples, from the drop to the results', () => {
  it('REQ-SIM-1: ends with 0 and says that the results are simulated', () => {
    expect(run.code).toBe(0);
    expect(run.out).toContain('SIMULATOR');
    expect(report.qure).toBe('simulator');
    expect(report.series.filter(({ isSimulated }) => isSimulated).map(({ state }) => state)).toEqual(
      report.series.map(({ state }) => state).filter((state) => state === 'DONE'),
    );
  });

  it.each([
    ['head CT', 'qER', { modality: 'CT', state: 'DONE', instances: 24, reason: null }],
    ['chest CT', 'qCT', { modality: 'CT', state: 'DONE', instances: 30, reason: null }],
    ['chest X-ray', 'qXR', { modality: 'DX', state: 'DONE', instances: 1, compute: null }],
    ['hand X-ray', 'qMSK', { modality: 'CR', state: 'DONE', instances: 1, compute: null }],
    [
      'localizer',
      null,
      { modality: 'CT', state: 'SKIPPED', instances: 1, reason: 'localizer', resultKeys: [] },
    ],
  ])('%s', (_name, product, expected) => {
    const reported = report.series.filter((series) => series.product === product);
    expect(reported).toMatchObject([{ source: 'default', generation: 1, ...expected }]);
  });

  it('reports the stored answer to the compute call of each CT', () => {
    for (const { compute } of report.series.filter(({ product }) => product === 'qER' || product === 'qCT'))
      expect(compute).toMatchObject({ httpStatus: 200, success: true, message: expect.any(String) });
  });

  it('puts the results where the contract says', () => {
    for (const series of report.series.filter(({ state }) => state === 'DONE')) {
      const folder = `default/${series.studyInstanceUid}/${series.seriesInstanceUid}/1/`;
      expect(series.resultKeys.length).toBeGreaterThan(1);
      for (const key of series.resultKeys) {
        expect(key.slice(0, folder.length)).toBe(folder);
        expect(key.slice(folder.length)).toMatch(
          /^(?:result(?:\.[0-9.]+)?\.json|findings\.json|files\/[\w./-]+\/\d+)$/,
        );
      }
    }
  });

  it('quarantines only the broken file', () => {
    expect(report.quarantined).toEqual([
      { key: expect.stringMatching(/^default\/(?:.*\/)?broken\/cut-off\.dcm$/), reason: 'truncated' },
    ]);
  });

  it('publishes events of every series with unique ids', () => {
    const events = readEvents(dataDir);
    const counts: Record<string, number> = {};
    for (const event of events) counts[event['detail-type']] = (counts[event['detail-type']] ?? 0) + 1;
    expect(counts).toEqual({
      'Object Quarantined': 1,
      'Series Complete': 4,
      'Series Computing': 4,
      'Series Done': 4,
      'Series Skipped': 1,
    });
    expect(new Set(events.map(({ detail }) => detail['eventId'])).size).toBe(events.length);
    expect(JSON.stringify(events)).not.toMatch(/cut-off|image-\d|NCCT|SAMPLE\^/i);
  });

  it('REQ-SIM-1: are marked as simulated also when the real Qure answers on the same data', async () => {
    const { code, out } = await startHostProcess(['--once', '--data-dir', dataDir, '--json', reportFile], {
      QURE_BASE_URL: 'http://127.0.0.1:9',
      QURE_TOKEN: 'real-token',
      QURE_SOURCE: 'real-workspace',
    }).ended;
    expect(code).toBe(0);
    expect(out).not.toContain('SIMULATOR');
    const again = JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
    expect(again).toEqual({ ...report, qure: 'http://127.0.0.1:9' });
    // One line as it is found, one of the table at the end.
    const marked = out.split('\n').filter((line) => line.includes('SIMULATED'));
    expect(marked).toHaveLength(2 * report.series.filter(({ isSimulated }) => isSimulated).length);
  });
});
