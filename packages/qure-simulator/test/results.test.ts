import { afterEach, describe, expect, test } from 'vitest';
import type { QureSimulatorOptions } from '../src/qure-simulator.ts';
import { dicomFile } from './dicom-file.ts';
import { type Bench, HEADERS, startBench } from './independent-client.ts';

let bench: Bench;
const start = async (options: Partial<QureSimulatorOptions> = {}) => {
  bench = await startBench(options);
  return bench;
};
afterEach(() => bench.end());

const CT = dicomFile({ description: '[critical]' });
const XRAY = dicomFile({
  modality: 'DX',
  bodyPart: 'CHEST',
  series: '1.9',
  sop: '1.9.1',
  description: '[critical]',
});
const MR = dicomFile({ modality: 'MR', series: '1.8', sop: '1.8.1' });
const UNDER_PROCESS = /under process/;

describe('results of a series', () => {
  test('answers 409, then "too early", then 202, then 200', async () => {
    const { get, upload, clock } = await start();
    await upload([CT]);
    expect((await get('/results/1.2.3')).status).toBe(409);
    await get('/compute/1.2.3');
    const early = await get('/results/1.2.3');
    expect([early.status, JSON.parse(early.text).debug_info.reason]).toEqual([
      400,
      'Validity not determined yet!',
    ]);
    clock.now += 100;
    const processing = await get('/results/1.2.3');
    expect([processing.status, JSON.parse(processing.text).success]).toEqual([202, false]);
    expect(processing.text).toMatch(UNDER_PROCESS);
    clock.now += 900;
    const ready = await get('/results/1.2.3');
    const body = JSON.parse(ready.text);
    expect(ready.status).toBe(200);
    expect(body).toMatchObject({ success: true, triage_status: 'critical', usecase: 'qer' });
    expect(body.result).toMatchObject({ qure_model_version: 'simulator', reporting_params: [] });
    expect(body.result.report[0]).toBe('SIMULATED RESULT, NOT FOR CLINICAL USE');
    expect(Object.values(body.result.decisions)).toContain(true);
    expect(body.result.files).toMatchObject({ sc: [expect.any(String), expect.any(String)], sr: [] });
  });

  test('needs the computing time again for a new computation', async () => {
    const { get, upload, clock } = await start();
    await upload([CT]);
    await get('/compute/1.2.3');
    clock.now += 1000;
    expect((await get('/results/1.2.3')).status).toBe(200);
    const headers = { ...HEADERS, 'content-type': 'application/json' };
    await get('/compute/1.2.3', { headers, body: '{"recompute": true}' });
    clock.now += 500;
    expect((await get('/results/1.2.3')).status).toBe(202);
  });

  test('computes without a compute call with the automatic trigger', async () => {
    const { get, upload, clock } = await start({ automaticCompute: true });
    await upload([CT]);
    clock.now += 1000;
    expect((await get('/results/1.2.3')).status).toBe(200);
  });

  test.each<[string, Buffer, string, QureSimulatorOptions['dialect'], number, RegExp]>([
    ['unknown', CT, '1.7', {}, 404, /is not yet uploaded/],
    ['unsupported, in text', MR, '1.8', {}, 400, /^not implemented$/],
    [
      'unsupported, in JSON',
      MR,
      '1.8',
      { unsupportedBody: 'json' },
      400,
      /"debug_info":\{"reason":"Unsupported modality"/,
    ],
    [
      'an invalid CT',
      dicomFile({ bodyPart: 'ABDOMEN' }),
      '1.2.3',
      { unsupportedBody: 'json' },
      400,
      /Invalid scan/,
    ],
    ['chest CT', dicomFile({ bodyPart: 'CHEST' }), '1.2.3', {}, 200, /"usecase":"qct"/],
    ['a triage in title case', CT, '1.2.3', { triageCase: 'title' }, 200, /"triage_status":"Critical"/],
  ])('%s', async (_name, file, uid, dialect, status, text) => {
    const { get, upload, clock } = await start({ dialect: dialect ?? {} });
    await upload([file]);
    await get(`/compute/${uid}`);
    clock.now += 1000;
    const answer = await get(`/results/${uid}`);
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(text);
  });
});

describe('results of an X-ray', () => {
  test('need no compute call: "too early", 202 with the other body, 200', async () => {
    const { get, upload, clock } = await start({ dialect: { processingBody: 'reason' } });
    await upload([XRAY]);
    expect((await get('/results/v2/1.9.1')).text).toContain('Validity not determined yet!');
    clock.now += 500;
    const processing = await get('/results/v2/1.9.1');
    expect([processing.status, processing.text]).toEqual([202, '{"reason":"processing not started"}']);
    clock.now += 500;
    const body = JSON.parse((await get('/results/v2/1.9.1')).text);
    expect(body).toMatchObject({ usecase: 'qxr', triage_status: 'critical' });
    expect(body.result.report).toMatchObject({
      findings: expect.stringContaining('SIMULATED'),
      impression: expect.any(String),
    });
    expect(body.result.report.findings_list[0]).toEqual(['notice', 'SIMULATED RESULT, NOT FOR CLINICAL USE']);
  });

  test.each<[string, Buffer, string, QureSimulatorOptions['dialect'], number, RegExp]>([
    [
      'an invalid scan',
      dicomFile({ modality: 'CR', sop: '1.5', description: '[invalid]' }),
      '/results/v2/1.5',
      {},
      206,
      /"usecase":"not_implemented".*"files"/,
    ],
    [
      'an unknown instance',
      XRAY,
      '/results/v2/1.7',
      {},
      404,
      /Instance with SOPInstanceUID 1.7 is not yet uploaded/,
    ],
    ['a CT slice that is held', dicomFile({ sop: '1.6' }), '/results/v2/1.6', {}, 400, /^not implemented$/],
    [
      'a hand',
      dicomFile({ modality: 'CR', sop: '1.5', bodyPart: 'HAND' }),
      '/results/v2/1.5',
      {},
      200,
      /"usecase":"qmsk"/,
    ],
    [
      'a report of one string',
      XRAY,
      '/results/v2/1.9.1',
      { xrayReport: 'string' },
      200,
      /"report":"SIMULATED/,
    ],
    [
      'a report beside the result',
      XRAY,
      '/results/v2/1.9.1',
      { xrayReport: 'beside' },
      200,
      /"report":\[.*\],"result"/,
    ],
    ['the deprecated version 1', XRAY, '/results/1.9.1', {}, 200, /"report":\[.*\],"result"/],
  ])('%s', async (_name, file, path, dialect, status, text) => {
    const { get, upload, clock } = await start({ dialect: dialect ?? {} });
    await upload([file]);
    clock.now += 1000;
    const answer = await get(path);
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(text);
  });
});

describe('what was found', () => {
  const ready = async (file: Buffer, options: Partial<QureSimulatorOptions>) => {
    const { get, upload, clock } = await start(options);
    await upload([file]);
    await get('/compute/1.2.3');
    clock.now += 1000;
    return { get, result: JSON.parse((await get('/results/1.2.3')).text).result };
  };

  test('can be scores alone, also as texts, of undocumented keys', async () => {
    const dialect = { findingKeys: 'unknown', decisions: 'absent', scores: 'text' } as const;
    const { result } = await ready(CT, { dialect });
    expect(result).not.toHaveProperty('decisions');
    expect(Object.keys(result.scores)).toEqual([1, 2, 3].map((n) => `local finding ${n} (beta)`));
    expect(Object.values(result.scores)).toEqual(
      Array.from({ length: 3 }, () => expect.stringMatching(/^0\.\d+$/)),
    );
  });

  test.each([
    [
      'asset_list',
      {
        findings: [
          { name: 'LUNG_NODULE', present: true },
          { name: 'EMPHYSEMA', present: false },
        ],
      },
    ],
    ['asset_maps', { result: { decisions: { LUNG_NODULE: true, EMPHYSEMA: false } } }],
  ] as const)('of qCT can be in the JSON asset alone: %s', async (ctFindings, expected) => {
    const chest = dicomFile({ bodyPart: 'CHEST', description: '[critical]' });
    const { get, result } = await ready(chest, { dialect: { ctFindings } });
    expect(Object.keys(result).sort()).toEqual(['files', 'qure_model_version', 'reporting_params']);
    const asset = JSON.parse((await get(result.files.json[0], { headers: {} })).text);
    expect(asset).toMatchObject({ notice: 'SIMULATED RESULT, NOT FOR CLINICAL USE', ...expected });
  });

  test('comes from a model whose version can be changed', async () => {
    const { get, result } = await ready(CT, { modelVersion: '2.1' });
    expect(result.qure_model_version).toBe('2.1');
    bench.qure.setModelVersion('2.2');
    const later = JSON.parse((await get('/results/1.2.3')).text);
    expect(later.result.qure_model_version).toBe('2.2');
  });
});
