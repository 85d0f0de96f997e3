import { expect, test } from 'vitest';
import { triageOf } from '../../../functions/series/triage.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { asset, resultBody, resultsAnswer } from '../../support/world/qure-answers.ts';
import { SERIES, STUDY, sopUid } from '../../support/world/scans.ts';
import { computingSeries, lastOf, seriesIn } from '../../support/world/stages.ts';
import { sourceNamed, type World } from '../../support/world/world.ts';
import { askApi } from '../api/ask-api.ts';
import { runPoll } from './run-poll.ts';

const FINDINGS = `default/${STUDY}/${SERIES}/1/findings.json`;
const THUMBNAIL = 'https://assets.example/thumbnail?sig=1';
const BLEEDING = resultsAnswer(200, {
  ...resultBody({}, 'Critical'),
  usecase: 'qer',
  result: {
    report: ['Intracranial hemorrhage'],
    decisions: { ICH: true },
    scores: { ICH: 0.97 },
    files: { sc_thumbnail: [THUMBNAIL] },
  },
});
const FINDING = { key: 'ICH', present: true, score: 0.97 };

/** What is said of the series, by its row, its event and the list of critical studies. */
async function expectTold(world: World, reason: string): Promise<void> {
  const failed = await seriesIn(world, 'FAILED');
  const told = { reason, triageStatus: 'critical', findings: [FINDING] };
  expect(failed).toMatchObject({ ...told, usecase: 'qer' });
  expect(failed.resultFiles).toEqual(expect.arrayContaining(['findings.json', 'result.json']));
  const { detail, detailType } = world.events.at(-1) ?? {};
  expect(detailType).toBe('Series Failed');
  expect(detail).toMatchObject({ ...told, presentFindings: ['ICH'] });
  expect(JSON.parse(world.results.text(FINDINGS) ?? '')).toMatchObject({ triageStatus: 'critical' });
  const studies = await askApi(world, '/v1/studies', { query: { triage: 'critical' } });
  expect(studies.body['items']).toHaveLength(1);
  const series = await askApi(world, '/v1/series', { query: { finding: 'ICH' } });
  expect(series.body['items']).toMatchObject([{ triage: 'critical', triageStatus: 'critical' }]);
}

test('REQ-USE-1: tells the findings of a critical CT of which an asset must not be fetched', async () => {
  const world = newWorld();
  const message = await computingSeries(world, { product: 'qER' });
  world.qure.seriesResults.always(BLEEDING);
  world.qure.assets.always({ kind: 'refused', reason: 'forbidden_address' });
  await runPoll(world, message);
  await expectTold(world, 'asset_missing');
});

test('REQ-USE-1: tells the findings of a critical CT of which an asset cannot be had, once it is given up', async () => {
  const world = newWorld();
  let message = await computingSeries(world, { product: 'qER' });
  world.qure.seriesResults.always(BLEEDING);
  world.qure.assets.always({ kind: 'transient', cause: 'ECONNRESET' });
  for (let tries = 0; tries < 8; tries += 1) {
    await runPoll(world, message);
    await seriesIn(world, 'COMPUTING');
    expect(world.results.text(FINDINGS)).toBeUndefined();
    message = lastOf(world.polls.sent);
  }
  await runPoll(world, message);
  await expectTold(world, 'asset_download');
});

test('REQ-USE-1: tells the findings of a critical CT that lacks an asset which the source expects', async () => {
  const source = sourceNamed('default', { expects: ['pdf'], resultsTimeoutSeconds: 60 });
  const world = newWorld({ sources: [source] });
  const message = await computingSeries(world, { product: 'qER' });
  world.qure.seriesResults.always(BLEEDING);
  world.clock.advance(60);
  await runPoll(world, message);
  await expectTold(world, 'asset_missing');
});

test('does not tell the findings of an answer that does not count', async () => {
  const world = newWorld();
  const message = await computingSeries(world, { product: 'qCT' });
  world.qure.seriesResults.always(BLEEDING);
  await runPoll(world, message);
  const failed = await seriesIn(world, 'FAILED');
  expect(failed).toMatchObject({ reason: 'wrong_usecase' });
  expect(failed).not.toHaveProperty('triageStatus');
  expect(triageOf(failed)).toBeUndefined();
});

test('REQ-USE-1: tells the findings of all X-ray images where an asset of one cannot be had', async () => {
  const world = newWorld();
  const message = await computingSeries(world, { count: 2, product: 'qXR' });
  const listed = (key: string, triage: string) => ({
    ...resultBody({}, triage),
    usecase: 'qxr',
    result: { report: { findings: '', impression: '', findings_list: [[key, key]] }, files: {} },
  });
  const [lacking, whole] = [listed('PNEUMOTHORAX', 'Critical'), listed('FIBROSIS', 'Routine')];
  const withAsset = { ...lacking, result: { ...lacking.result, files: { pdf: [THUMBNAIL] } } };
  world.qure.instanceResults.always(({ uid }) => resultsAnswer(200, uid === sopUid(1) ? withAsset : whole));
  world.qure.assets.always({ kind: 'refused', reason: 'forbidden_address' });
  await runPoll(world, message);
  const failed = await seriesIn(world, 'FAILED');
  const findings = [{ key: 'PNEUMOTHORAX' }, { key: 'FIBROSIS' }];
  expect(failed).toMatchObject({ reason: 'asset_missing', triageStatus: 'critical', findings });
  expect(triageOf(failed)).toBe('abnormal');
  expect(world.events.at(-1)?.detail).toMatchObject({ triageStatus: 'critical', findings });
});

test('is DONE once the asset is there', async () => {
  const world = newWorld();
  const message = await computingSeries(world, { product: 'qER' });
  world.qure.seriesResults.always(BLEEDING);
  world.qure.assets.next({ kind: 'refused', reason: 'forbidden_address' });
  await runPoll(world, message);
  const failed = await seriesIn(world, 'FAILED');
  world.series.seed({ ...failed, state: 'COMPUTING', resultsDeadline: '2026-03-02T08:00:00.000Z' } as never);
  world.qure.assets.always(asset('png'));
  await runPoll(world, { ...message, ticket: failed.ticket });
  expect(await seriesIn(world, 'DONE')).toMatchObject({ triageStatus: 'critical' });
});
