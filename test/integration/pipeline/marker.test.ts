import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Pipeline, startPipeline } from '../../support/pipeline.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  // Longer than the tests' patience: nothing here is ever judged complete by silence.
  pipeline = await startPipeline({ quietPeriodSeconds: 86_400 });
});
afterAll(() => pipeline?.stop());

it.each<[string, string, string, string]>([
  ['an empty body', '1.2.827.1', '', 'marker'],
  ['a word', '1.2.827.2', 'done', 'marker'],
  ['a count', '1.2.827.3', '{"instances": 3}', 'count'],
  ['a count by series', '1.2.827.4', '{"series": {"1.2.827.4": 3}}', 'count'],
])('a marker with %s completes a series without the quiet period', async (_name, uid, body, evidence) => {
  await pipeline.putSeries('sitea', uid, 3);
  await pipeline.put(`sitea/${uid}/_COMPLETE`, body);
  expect(await pipeline.final(uid)).toMatchObject({ state: 'DONE', instances: 3, evidence });
  expect(pipeline.qure.series.get(uid)?.computations).toMatchObject([{ instances: 3 }]);
});

it('a marker of one folder says nothing about the folder beside it', async () => {
  await pipeline.putSeries('sitea', '1.2.827.5', 1);
  await pipeline.putSeries('sitea', '1.2.827.6', 1);
  await pipeline.put('sitea/1.2.827.6/_COMPLETE', '');
  expect(await pipeline.final('1.2.827.6')).toMatchObject({ state: 'DONE', evidence: 'marker' });
  expect(await pipeline.view('1.2.827.5')).toMatchObject({ state: 'RECEIVING', instances: 1 });
});
