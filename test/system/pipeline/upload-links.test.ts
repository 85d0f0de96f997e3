import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CallApi, createApiCaller } from '../../../cli/target/call-api.ts';
import type { Answer } from '../../../functions/api/answers.ts';
import { headSlice, type Pipeline, startPipeline } from '../../support/pipeline.ts';

let pipeline: Pipeline;
let call: CallApi;
beforeAll(async () => {
  // Longer than the tests' patience: nothing here is ever judged complete by silence.
  pipeline = await startPipeline({ quietPeriodSeconds: 86_400 });
  call = await createApiCaller({ kind: 'http', baseUrl: pipeline.host.console.url });
});
afterAll(() => pipeline?.stop());

it('completes a series that a sender without credentials puts by upload links', async () => {
  const uid = '1.2.829.1';
  const body = { source: 'sitea', count: 3, withMarker: true };
  const { uploads, marker } = (await call({
    method: 'POST',
    path: '/v1/uploads',
    body,
  })) as Answer<'UploadLinks'>;
  expect(uploads).toHaveLength(3);
  for (const [at, { url, method }] of uploads.entries()) {
    expect((await fetch(url, { method, body: headSlice(uid, at + 1) })).status).toBe(200);
  }
  const last = await fetch(marker?.url ?? '', { method: 'PUT', body: marker?.body ?? 'no marker' });
  expect(last.status).toBe(200);
  expect(await pipeline.final(uid)).toMatchObject({
    source: 'sitea',
    state: 'DONE',
    instances: 3,
    evidence: 'marker',
  });
});

it('gives every answer a folder of its own', async () => {
  const request = { method: 'POST', path: '/v1/uploads', body: { source: 'sitea', count: 1 } } as const;
  const answers = (await Promise.all([call(request), call(request)])) as Answer<'UploadLinks'>[];
  expect(new Set(answers.map(({ uploads }) => uploads[0]?.key)).size).toBe(2);
});
