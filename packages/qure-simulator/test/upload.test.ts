import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { QureSimulatorOptions } from '../src/qure-simulator.ts';
import { dicomFile } from './dicom-file.ts';
import { type Bench, HEADERS, MULTIPART, multipartBody, startBench } from './independent-client.ts';

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

describe('upload', () => {
  test.each(['/studies/', '/studies', '/upload/', '/upload'])(
    'registers and counts instances by %s',
    async (path) => {
      const { upload, qure } = await start();
      const second = dicomFile({ sop: '1.2.3.2' });
      const answer = await upload([CT, second, XRAY], path);
      const registered = {
        message: 'DICOM registered successfully.',
        created: true,
        license_expired: false,
        metadata: {},
      };
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.text)).toEqual({
        message: 'Success',
        status: 'success',
        messages: { file_0: registered, file_1: registered, file_2: registered },
        series_instance_uids: ['1.2.3', '1.9'],
        detailed_info: [
          { SeriesInstanceUID: '1.2.3', NumberOfSeriesRelatedInstances: 2 },
          { SeriesInstanceUID: '1.9', NumberOfSeriesRelatedInstances: 1 },
        ],
      });
      const held = qure.series.get('1.2.3')?.instances.get('1.2.3.2');
      expect(held?.sha256).toBe(createHash('sha256').update(second).digest('hex'));
      const sizeBytes = CT.length + second.length + XRAY.length;
      expect(qure.journal).toMatchObject([
        { stage: 'upload', counts: { parts: 3, registered: 3, created: 3, sizeBytes } },
      ]);
    },
  );

  test('registers a repeated instance without creating or counting it again', async () => {
    const { upload } = await start();
    await upload([CT]);
    const again = JSON.parse((await upload([CT])).text);
    expect(again.messages.file_0).toMatchObject({
      message: 'DICOM registered successfully.',
      created: false,
    });
    expect(again.detailed_info).toEqual([{ SeriesInstanceUID: '1.2.3', NumberOfSeriesRelatedInstances: 1 }]);
  });

  test('answers 200 without registering the bad part among good ones', async () => {
    const { upload } = await start();
    const wrongType = {
      bytes: CT,
      head: 'Content-Disposition: form-data; name="t"; filename="t"\r\nContent-Type: text/plain',
    };
    const answer = JSON.parse(
      (await upload([Buffer.from('no scan'), CT, XRAY.subarray(0, -9), wrongType])).text,
    );
    const registered = Object.values<{ message: string }>(answer.messages).map((m) =>
      /^DICOM registered/.test(m.message),
    );
    expect(registered).toEqual([false, true, false, false]);
    expect(answer.detailed_info).toEqual([{ SeriesInstanceUID: '1.2.3', NumberOfSeriesRelatedInstances: 1 }]);
  });

  const right =
    'Content-Disposition: form-data; name="file_0"; filename="0"\r\nContent-Type: application/dicom';
  test.each<[string, Buffer, string]>([
    ['nothing but bad files', multipartBody([Buffer.from('no scan')]), MULTIPART],
    ['no parts', multipartBody([]), MULTIPART],
    ['no closing boundary', multipartBody([CT]).subarray(0, -6), MULTIPART],
    ['another content type', multipartBody([CT]), 'application/json'],
    ['no boundary', multipartBody([CT]), 'multipart/form-data'],
    [
      'one field name twice',
      multipartBody([
        { bytes: CT, head: right },
        { bytes: XRAY, head: right },
      ]),
      MULTIPART,
    ],
    [
      'a part without filename',
      multipartBody([{ bytes: CT, head: right.replace('; filename="0"', '') }]),
      MULTIPART,
    ],
    [
      'a part without name',
      multipartBody([{ bytes: CT, head: right.replace(' name="file_0";', '') }]),
      MULTIPART,
    ],
    [
      'a broken first part of many megabytes',
      multipartBody([{ bytes: Buffer.alloc(5_000_000), head: right.replace('; filename="0"', '') }, CT]),
      MULTIPART,
    ],
  ])('%s: 400, nothing held', async (_name, body, contentType) => {
    const { post, qure } = await start();
    const answer = await post('/studies/', { headers: { ...HEADERS, 'content-type': contentType }, body });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('Nothing uploaded');
    expect(qure.series.size).toBe(0);
  });

  test('refuses a body without Content-Type', async () => {
    const { post } = await start();
    expect((await post('/studies/', { headers: HEADERS, body: 'x' })).status).toBe(400);
  });

  test('redirects the path without a slash, as some servers do', async () => {
    const { upload, qure } = await start({ dialect: { redirectsMissingSlash: true } });
    const answer = await upload([CT], '/studies');
    expect([answer.status, answer.headers.location]).toEqual([301, '/studies/']);
    expect(qure.series.size).toBe(0);
    expect((await upload([CT], '/studies/')).status).toBe(200);
  });
});
