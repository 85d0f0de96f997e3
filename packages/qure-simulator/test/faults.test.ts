import { afterEach, describe, expect, test, vi } from 'vitest';
import type { FaultRule } from '../src/qure-simulator.ts';
import { dicomFile } from './dicom-file.ts';
import { type Answer, type Bench, HEADERS, startBench } from './independent-client.ts';

let bench: Bench;
afterEach(() => bench.end());

type Fault = FaultRule['fault'];
type Stage = NonNullable<FaultRule['stage']>;

const UID = '1.2.3';
const UPLOAD = [dicomFile(), dicomFile({ sop: '1.2.3.2' }), dicomFile({ sop: '1.2.3.3' })];

/** Brings a series to the stage, makes the faulty call there, and says what came. */
async function strike(stage: Stage, fault: Fault, options: { signal?: AbortSignal } = {}): Promise<Answer> {
  bench = await startBench();
  const { qure, upload, get, clock } = bench;
  qure.setFaults([{ stage, fault }]);
  const uploaded = upload(UPLOAD, '/studies/', stage === 'upload' ? options : {});
  if (stage === 'upload') return uploaded;
  await uploaded;
  const pushed = get(`/compute/${UID}`, stage === 'compute' ? options : {});
  if (stage === 'compute') return pushed;
  await pushed;
  clock.now += 1000;
  const result = await get(`/results/${UID}`, stage === 'results' ? options : {});
  if (stage === 'results') return result;
  return get(JSON.parse(result.text).result.files.pdf[0], { headers: {}, ...options });
}

const recompute = () =>
  bench.get(`/compute/${UID}`, {
    headers: { ...HEADERS, 'content-type': 'application/json' },
    body: '{"recompute": true}',
  });

const STAGES: Stage[] = ['upload', 'compute', 'results', 'asset'];

describe.each(STAGES)('%s', (stage) => {
  const status = (code: number, more: object = {}): Fault => ({ kind: 'status', status: code, ...more });
  test.each<[string, Fault, number, RegExp]>([
    ['401', status(401), 401, /"authenticated":false/],
    ['403', status(403), 403, /Access denied!/],
    ['403 in text', status(403, { body: 'text' }), 403, /^Error$/],
    ['404', status(404), 404, /is not yet uploaded!/],
    ['409', status(409), 409, /never sent/],
    ['429', status(429), 429, /Too Many Requests/],
    ['500', status(500), 500, /<html>/],
    ['502 of a proxy', status(502), 502, /<h1>502 Bad Gateway<\/h1>/],
    ['503 in JSON', status(503, { body: 'json' }), 503, /^\{.*\}$/],
    ['401 that speaks of files', status(401, { body: 'no_files' }), 401, /"No DICOM files were uploaded!"/],
    ['400 that speaks of the login', status(400, { body: 'login' }), 400, /"authenticated":false/],
    ['200 that speaks of the login', status(200, { body: 'login' }), 200, /"authenticated":false/],
    ['503 without a body', status(503, { body: 'empty' }), 503, /^$/],
  ])('%s', async (_name, fault, code, text) => {
    const answer = await strike(stage, fault);
    expect(answer.status).toBe(code);
    expect(answer.text).toMatch(text);
    expect(bench.qure.journal.at(-1)).toMatchObject({ stage, status: code, fault: 'status' });
    if (stage === 'upload') expect(bench.qure.series.size).toBe(0);
    if (stage === 'compute') expect(bench.qure.series.get(UID)?.computations).toEqual([]);
  });

  test('sends Retry-After in seconds and as a date', async () => {
    const seconds = await strike(stage, status(429, { retryAfterSeconds: 7 }));
    expect(seconds.headers['retry-after']).toBe('7');
    await bench.end();
    const date = await strike(stage, status(503, { retryAfterSeconds: 2, retryAfterAs: 'date' }));
    expect(Date.parse(String(date.headers['retry-after'])) - bench.clock.now).toBe(2000);
  });

  test.each(['before', 'after'] as const)('resets the connection %s the effect', async (when) => {
    await expect(strike(stage, { kind: 'reset', when })).rejects.toThrow();
    expect(bench.qure.journal.at(-1)).toMatchObject({ stage, status: 'reset', fault: 'reset' });
    if (stage === 'upload') expect(bench.qure.series.has(UID)).toBe(when === 'after');
    if (stage === 'compute') {
      expect(bench.qure.series.get(UID)?.computations).toHaveLength(when === 'after' ? 1 : 0);
    }
  });

  test.each(['before', 'after'] as const)('never answers, %s the effect', async (when) => {
    const previous = bench;
    const giveUp = new AbortController();
    const call = strike(stage, { kind: 'hang', when }, { signal: giveUp.signal });
    await vi.waitFor(() => {
      if (bench === previous || bench.qure.journal.at(-1)?.status !== 'hang') throw new Error('not yet');
    }, 60_000);
    giveUp.abort();
    await expect(call).rejects.toThrow();
    expect(bench.qure.journal.at(-1)).toMatchObject({ stage, status: 'hang' });
    if (stage === 'upload') expect(bench.qure.series.has(UID)).toBe(when === 'after');
    if (stage === 'compute') {
      expect(bench.qure.series.get(UID)?.computations).toHaveLength(when === 'after' ? 1 : 0);
    }
  });

  test('sends a slow answer in the end', async () => {
    const answer = await strike(stage, { kind: 'slow', delayMs: 30 });
    expect(answer.status).toBe(200);
    expect(bench.qure.journal.at(-1)).toMatchObject({ stage, fault: 'slow' });
  });

  test('sends half of the body in a complete response', async () => {
    const answer = await strike(stage, { kind: 'truncated_json' });
    expect([answer.status, Number(answer.headers['content-length'])]).toEqual([200, answer.body.length]);
    expect(() => JSON.parse(answer.text)).toThrow();
  });

  test('closes the connection within the body', async () => {
    await expect(strike(stage, { kind: 'cut_off' })).rejects.toThrow();
    expect(bench.qure.journal.at(-1)).toMatchObject({ stage, fault: 'cut_off' });
  });

  test('sends a body that is not JSON', async () => {
    expect((await strike(stage, { kind: 'not_json' })).text).toBe('<<this is not JSON>>');
  });

  test.each(['huge_body', 'padded'] as const)('%s', async (kind) => {
    const answer = await strike(stage, { kind, bytes: 3_000_000 });
    expect(answer.status).toBe(200);
    expect(answer.body.length).toBeGreaterThan(3_000_000);
  });

  test('sends a dripping body in the end', async () => {
    const whole = await strike(stage, { kind: 'slow', delayMs: 0 });
    await bench.end();
    const dripped = await strike(stage, { kind: 'drip', everyMs: 0 });
    expect([dripped.status, dripped.body.length]).toEqual([200, whole.body.length]);
    expect(bench.qure.journal.at(-1)).toMatchObject({ stage, fault: 'drip' });
  });

  test('sends another Content-Type than that of the body', async () => {
    const answer = await strike(stage, { kind: 'content_type', contentType: 'text/html' });
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/html']);
  });

  test('sends redirects', async () => {
    const answer = await strike(stage, { kind: 'redirect', to: 'http://169.254.169.254/' });
    expect([answer.status, answer.headers.location]).toEqual([302, 'http://169.254.169.254/']);
    await bench.end();
    const other = await strike(stage, { kind: 'redirect', status: 307 });
    const path = {
      upload: '/studies/',
      compute: `/compute/${UID}/`,
      results: `/results/${UID}/`,
      asset: '/simulated',
    };
    expect(other.status).toBe(307);
    expect(other.headers.location).toContain(path[stage]);
  });
});

describe('upload', () => {
  const receipt = (answer: Answer) => {
    const body = JSON.parse(answer.text);
    const messages = Object.values<{ message: string; license_expired: boolean }>(body.messages);
    return {
      status: answer.status,
      registered: messages.filter((message) => message.message.startsWith('DICOM registered')).length,
      expired: messages.filter((message) => message.license_expired).length,
      counted: body.detailed_info?.[0]?.NumberOfSeriesRelatedInstances,
      held: bench.qure.series.get(UID)?.instances.size ?? 0,
    };
  };
  test.each<[string, Fault, ReturnType<typeof receipt>]>([
    [
      'a part is not registered',
      { kind: 'unregistered_part' },
      { status: 200, registered: 2, expired: 0, counted: 2, held: 2 },
    ],
    [
      'no part is registered',
      { kind: 'unregistered_part', parts: 3 },
      { status: 200, registered: 0, expired: 0, counted: undefined, held: 0 },
    ],
    [
      'an instance is dropped silently',
      { kind: 'dropped_instance' },
      { status: 200, registered: 3, expired: 0, counted: 2, held: 2 },
    ],
    [
      'the receipt lags',
      { kind: 'lagging_receipt', instances: 2 },
      { status: 200, registered: 3, expired: 0, counted: 1, held: 3 },
    ],
    [
      'the receipt is missing',
      { kind: 'missing_detailed_info' },
      { status: 200, registered: 3, expired: 0, counted: undefined, held: 3 },
    ],
    [
      'the licence has expired',
      { kind: 'license_expired' },
      { status: 200, registered: 0, expired: 3, counted: undefined, held: 0 },
    ],
  ])('%s', async (_name, fault, expected) => {
    expect(receipt(await strike('upload', fault))).toEqual(expected);
  });
});

test('keeps the content of an instance that it holds, and stores a new instance', async () => {
  bench = await startBench();
  const { qure, upload } = bench;
  await upload([dicomFile()]);
  const shaOf = (sop: string) => qure.series.get(UID)?.instances.get(sop)?.sha256;
  const before = shaOf('1.2.3.1');
  qure.setFaults([{ stage: 'upload', fault: { kind: 'kept_content' } }]);
  const answer = await upload([dicomFile({ pixelBytes: 600 }), dicomFile({ sop: '1.2.3.2' })]);
  const messages = Object.values<{ message: string; created: boolean }>(JSON.parse(answer.text).messages);
  const registered = 'DICOM registered successfully.';
  expect(messages).toMatchObject([
    { message: registered, created: false },
    { message: registered, created: true },
  ]);
  expect(shaOf('1.2.3.1')).toBe(before);
  expect(shaOf('1.2.3.2')).toBeDefined();
});

test('accepts a compute call, then forgets the series', async () => {
  expect((await strike('compute', { kind: 'forget_series' })).status).toBe(200);
  expect((await bench.get(`/results/${UID}`)).status).toBe(404);
  expect((await bench.get(`/compute/${UID}`)).status).toBe(404);
});

describe('results', () => {
  test.each<[string, Fault, number, RegExp]>([
    ['still processing', { kind: 'still_processing' }, 202, /under process/],
    ['not started', { kind: 'still_processing', body: 'reason' }, 202, /processing not started/],
    ['never sent', { kind: 'not_sent_to_compute' }, 409, /never sent/],
    ['undetermined', { kind: 'undetermined' }, 400, /Validity not determined yet!/],
    ['a hostile asset type', { kind: 'file_type' }, 200, /"\.\.\/\.\.\/x":\["http/],
    ['a prototype as asset type', { kind: 'file_type', type: '__proto__' }, 200, /"__proto__":\["http/],
    [
      'a metadata address',
      { kind: 'file_url', url: 'http://169.254.169.254/' },
      200,
      /"sc":\["http:\/\/169.254.169.254\/"/,
    ],
    [
      'a file address',
      { kind: 'file_url', url: 'file:///etc/passwd' },
      200,
      /"sc":\["file:\/\/\/etc\/passwd"/,
    ],
    ['values that are no strings', { kind: 'file_values' }, 200, /7,null,\{"url":"nested"\}\]/],
  ])('%s', async (_name, fault, status, text) => {
    const answer = await strike('results', fault);
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(text);
  });

  test.each<[string, Fault, (body: ReturnType<JSON['parse']>) => void]>([
    ['nothing', { kind: 'empty_result' }, ({ result }) => expect(result).toEqual({})],
    ['another use case', { kind: 'other_usecase' }, ({ usecase }) => expect(usecase).toBe('qct')],
    [
      'a use case of choice',
      { kind: 'other_usecase', usecase: 'qxr' },
      ({ usecase }) => expect(usecase).toBe('qxr'),
    ],
    ['no use case', { kind: 'no_usecase' }, (body) => expect(body).not.toHaveProperty('usecase')],
    [
      'a scan that was not read',
      { kind: 'not_implemented' },
      ({ usecase }) => expect(usecase).toBe('not_implemented'),
    ],
    [
      'the older format',
      { kind: 'legacy' },
      (body) => {
        expect(body).not.toHaveProperty('result');
        expect(body).toMatchObject({ files: { sc: [expect.any(String), expect.any(String)] }, tags: [] });
      },
    ],
    [
      'an asset less',
      { kind: 'asset_left_out', type: 'pdf' },
      ({ result }) => expect(Object.keys(result.files)).toEqual(['sc', 'sc_thumbnail', 'json', 'sr']),
    ],
  ])('untrue: %s, with the mark of the simulator', async (_name, fault, judge) => {
    const answer = await strike('results', fault);
    expect(answer.status).toBe(200);
    const body = JSON.parse(answer.text);
    judge(body);
    expect(body.simulated).toEqual({ notice: 'SIMULATED RESULT, NOT FOR CLINICAL USE', instances: 3 });
  });

  test('answers 200 instead of 206 for an X-ray that was not read', async () => {
    bench = await startBench({
      faults: [{ times: 1, stage: 'results', fault: { kind: 'not_implemented' } }],
    });
    await bench.upload([dicomFile({ modality: 'DX', sop: '1.5', description: '[invalid]' })]);
    bench.clock.now += 1000;
    expect((await bench.get('/results/v2/1.5')).status).toBe(200);
    expect((await bench.get('/results/v2/1.5')).status).toBe(206);
  });

  test('sends the answer of the previous computation while the fault is active', async () => {
    bench = await startBench({ faults: [{ stage: 'results', times: 3, fault: { kind: 'old_result' } }] });
    const { get, upload, clock } = bench;
    const computed = async () => JSON.parse((await get(`/results/${UID}`)).text).simulated?.instances;
    await upload(UPLOAD);
    await get(`/compute/${UID}`);
    expect((await get(`/results/${UID}`)).status).toBe(400);
    clock.now += 1000;
    await upload([dicomFile({ sop: '1.2.3.4' })]);
    expect(await computed()).toBe(3);
    await recompute();
    expect(await computed()).toBe(3);
    expect((await get(`/results/${UID}`)).status).toBe(400);
    clock.now += 1000;
    expect(await computed()).toBe(4);
  });

  test('serves a file of a hostile type', async () => {
    const files = JSON.parse((await strike('results', { kind: 'file_type' })).text).result.files;
    expect((await bench.get(files['../../x'][0], { headers: {} })).status).toBe(200);
  });

  test('sends URLs that have expired', async () => {
    const files = JSON.parse((await strike('results', { kind: 'expired_urls' })).text).result.files;
    const answer = await bench.get(files.pdf[0], { headers: {} });
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('Request has expired')]);
  });
});

test('changes faults at run time, limits their count, and draws their probability from the seed', async () => {
  bench = await startBench({
    faults: [{ stage: 'compute', times: 2, fault: { kind: 'status', status: 500 } }],
  });
  const statuses = async (calls: number) => {
    const seen: number[] = [];
    for (let turn = 0; turn < calls; turn++) seen.push((await bench.get('/compute/1.7')).status);
    return seen;
  };
  expect(await statuses(3)).toEqual([500, 500, 404]);
  bench.qure.setFaults([{ probability: 0.5, fault: { kind: 'status', status: 503 } }]);
  expect(new Set(await statuses(30))).toEqual(new Set([404, 503]));
  bench.qure.setFaults([]);
  expect(await statuses(1)).toEqual([404]);
});
