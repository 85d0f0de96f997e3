import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dicomFile } from './dicom-file.ts';
import { type Bench, HEADERS, startBench } from './independent-client.ts';

let bench: Bench;
let files: Record<string, string[]>;
beforeEach(async () => {
  bench = await startBench({ assetLifetimeMs: 5000 });
  await bench.upload([dicomFile()]);
  await bench.get('/compute/1.2.3');
  bench.clock.now += 1000;
  files = JSON.parse((await bench.get('/results/1.2.3')).text).result.files;
});
afterEach(() => bench.end());

const first = (type: string) => files[type]?.[0] ?? '';

test('serves every file on another origin without credentials', async () => {
  const answers = await Promise.all(
    Object.values(files)
      .flat()
      .map((url) => bench.get(url, { headers: {} })),
  );
  expect(
    answers.map((answer) => [answer.status, answer.headers['content-type'], answer.body.length > 50]),
  ).toEqual([
    [200, 'application/dicom', true],
    [200, 'application/dicom', true],
    [200, 'image/png', true],
    [200, 'application/pdf', true],
    [200, 'application/json', true],
  ]);
  expect(new URL(first('pdf')).origin).toBe(bench.qure.assetOrigin);
  expect(bench.qure.assetOrigin).not.toBe(new URL(bench.qure.baseUrl).origin);
});

describe('refused', () => {
  test.each<[string, () => Parameters<Bench['get']>, number, string]>([
    [
      'with Authorization',
      () => [first('pdf'), { headers: { authorization: HEADERS.authorization } }],
      400,
      'InvalidArgument',
    ],
    ['with Source', () => [first('pdf'), { headers: { source: HEADERS.source } }], 400, 'InvalidArgument'],
    [
      'without signature',
      () => [first('pdf').replace(/\?.*/, ''), { headers: {} }],
      403,
      'SignatureDoesNotMatch',
    ],
    [
      'with the signature of another file',
      () => [first('pdf').replace('/pdf/0.pdf', '/json/0.json'), { headers: {} }],
      403,
      'SignatureDoesNotMatch',
    ],
    [
      'with a longer life',
      () => [first('pdf').replace(/At-Ms=\d/, 'At-Ms=9'), { headers: {} }],
      403,
      'SignatureDoesNotMatch',
    ],
  ])('%s', async (_name, call, status, code) => {
    const answer = await bench.get(...call());
    expect([answer.status, answer.headers['content-type']]).toEqual([status, 'application/xml']);
    expect(answer.text).toContain(`<Code>${code}</Code>`);
    expect(bench.qure.journal.at(-1)).toMatchObject({ stage: 'asset', status, refusal: expect.any(String) });
  });

  test('refuses an expired URL; new results have new URLs', async () => {
    bench.clock.now += 5000;
    const answer = await bench.get(first('pdf'), { headers: {} });
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('Request has expired')]);
    files = JSON.parse((await bench.get('/results/1.2.3')).text).result.files;
    expect((await bench.get(first('pdf'), { headers: {} })).status).toBe(200);
  });
});
