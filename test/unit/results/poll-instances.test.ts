import { describe, expect, test } from 'vitest';
import type { ResultsOutcome } from '../../../functions/qure/client/client.ts';
import { isSimulatedResult } from '../../../functions/series/simulated-result.ts';
import { newWorld } from '../../support/world/new-world.ts';
import {
  asset,
  computeAnswer,
  receivingQure,
  resultBody,
  resultsAnswer,
} from '../../support/world/qure-answers.ts';
import { SERIES, STUDY, sopUid } from '../../support/world/scans.ts';
import { computingSeries, lastOf, seriesIn } from '../../support/world/stages.ts';
import { runCompute } from '../delivery/run-compute.ts';
import { runPoll } from './run-poll.ts';

const FOLDER = `default/${STUDY}/${SERIES}/1/`;
const READY = resultsAnswer(200, resultBody({}, 'routine'));
const CRITICAL = resultsAnswer(200, resultBody({}, 'critical'));
const INVALID = resultsAnswer(206, resultBody());
const UNREAD = resultsAnswer(200, { ...resultBody({}, 'routine'), usecase: 'not_implemented' });
const REFUSED = resultsAnswer(400, { message: 'Unsupported modality' });
const WAIT = resultsAnswer(202);

function saidBy(model: string, triage: string): ResultsOutcome {
  const body = resultBody({}, triage);
  return resultsAnswer(200, { ...body, result: { ...body.result, qure_model_version: model } });
}

function answered(...answers: ResultsOutcome[]) {
  return ({ uid }: { uid: string }) => answers[Number(uid.split('.').at(-1)) - 1] ?? WAIT;
}

describe('answers of the instances of one X-ray series', () => {
  test.each([
    { name: 'all routine', answers: [READY, READY], state: 'DONE', expected: { triageStatus: 'routine' } },
    {
      name: 'one critical',
      answers: [READY, CRITICAL],
      state: 'DONE',
      expected: { triageStatus: 'critical' },
    },
    { name: 'one invalid', answers: [READY, INVALID], state: 'DONE', expected: { isInvalidScan: true } },
    { name: 'one refused', answers: [REFUSED, READY], state: 'DONE', expected: { unreadInstances: 1 } },
    {
      name: 'all refused',
      answers: [REFUSED, REFUSED],
      state: 'UNSUPPORTED',
      expected: { reason: 'unsupported_scan', detail: 'Unsupported modality' },
    },
    { name: 'one not ready', answers: [READY, WAIT], state: 'COMPUTING', expected: {} },
    { name: 'one that Qure lost', answers: [READY, resultsAnswer(404)], state: 'UPLOADING', expected: {} },
    {
      name: 'one denied',
      answers: [READY, resultsAnswer(403)],
      state: 'FAILED',
      expected: { reason: 'source_denied' },
    },
  ] as const)('$name: $state', async ({ answers, state, expected }) => {
    const world = newWorld();
    const message = await computingSeries(world, { count: 2, product: 'qXR' });
    world.qure.instanceResults.always(answered(...answers));
    await runPoll(world, message);
    expect(await seriesIn(world, state)).toMatchObject(expected);
  });

  test.each([
    { name: 'not read', answer: UNREAD, unread: 'not_implemented' },
    { name: 'refused', answer: REFUSED, unread: 'unsupported_scan' },
  ] as const)(
    'REQ-USE-1: reports an image that was $name beside the result of the others',
    async ({ answer, unread }) => {
      const world = newWorld();
      const message = await computingSeries(world, { count: 2, product: 'qXR' });
      world.qure.instanceResults.always(answered(READY, answer));
      await runPoll(world, message);
      const resultFiles = ['findings.json', `result.${sopUid(1)}.json`];
      const done = await seriesIn(world, 'DONE');
      expect(done).toMatchObject({ unreadInstances: 1, resultFiles });
      expect(world.events.at(-1)?.detail).toMatchObject({ state: 'DONE', unreadInstances: 1 });
      expect(JSON.parse(world.results.text(`${FOLDER}findings.json`) ?? '')).toMatchObject({
        instances: [{ sopInstanceUid: sopUid(1) }, { sopInstanceUid: sopUid(2), unread }],
      });
      expect(JSON.parse(world.results.text(`${FOLDER}provenance.json`) ?? '')).toMatchObject({
        unreadInstances: 1,
      });
    },
  );

  test.each([
    { name: 'was not read', answer: UNREAD },
    { name: 'was refused', answer: REFUSED },
    { name: 'is no valid scan', answer: INVALID },
    { name: 'has no triage', answer: resultsAnswer(200, { ...resultBody(), triage_status: null }) },
  ])(
    'REQ-USE-1: does not call a series routine with an image that $name; critical stays',
    async ({ answer }) => {
      const world = newWorld();
      const message = await computingSeries(world, { count: 2, product: 'qXR' });
      world.qure.instanceResults.always(answered(READY, answer));
      await runPoll(world, message);
      expect(await seriesIn(world, 'DONE')).not.toHaveProperty('triageStatus');
      expect(world.events.at(-1)?.detail).not.toHaveProperty('triageStatus');

      const other = newWorld();
      const again = await computingSeries(other, { count: 2, product: 'qXR' });
      other.qure.instanceResults.always(answered(answer, CRITICAL));
      await runPoll(other, again);
      expect(await seriesIn(other, 'DONE')).toMatchObject({ triageStatus: 'critical' });
    },
  );

  test('does not poll an instance again that has its answer', async () => {
    const world = newWorld();
    const message = await computingSeries(world, { count: 3, product: 'qXR' });
    world.qure.instanceResults.always(answered(READY, WAIT, REFUSED));
    await runPoll(world, message);
    world.qure.instanceResults.always(answered(WAIT, INVALID, WAIT));
    await runPoll(world, lastOf(world.polls.sent));
    expect(world.qure.instanceResults.calls.map(({ uid }) => uid).sort()).toEqual([
      sopUid(1),
      sopUid(2),
      sopUid(2),
      sopUid(3),
    ]);
    expect(await seriesIn(world, 'DONE')).toMatchObject({
      isInvalidScan: true,
      resultFiles: ['findings.json', `result.${sopUid(1)}.json`, `result.${sopUid(2)}.json`],
    });
    expect(world.events.at(-1)?.detail).toMatchObject({ state: 'DONE', isInvalidScan: true });
  });

  test('asks for every image again once Qure has lost the series: what was said before may be of another Qure', async () => {
    const world = newWorld();
    const message = await computingSeries(world, { count: 3, product: 'qXR' });
    world.qure.instanceResults.always(answered(saidBy('simulator', 'critical'), REFUSED, WAIT));
    await runPoll(world, message);
    world.qure.instanceResults.always(resultsAnswer(404));
    await runPoll(world, lastOf(world.polls.sent));
    await seriesIn(world, 'UPLOADING');
    world.qure.uploads.always(receivingQure());
    world.qure.computes.always(computeAnswer(200));
    await runCompute(world);
    world.qure.instanceResults.always(answered(WAIT, READY, READY));
    await runPoll(world, lastOf(world.polls.sent));
    expect((await seriesIn(world, 'COMPUTING')).generation).toBe(1);
    world.qure.instanceResults.always(READY);
    await runPoll(world, lastOf(world.polls.sent));
    const done = await seriesIn(world, 'DONE');
    expect(done).toMatchObject({ triageStatus: 'routine' });
    expect(done).not.toHaveProperty('unreadInstances');
    expect(isSimulatedResult(done)).toBe(false);
    expect(world.results.text(`${FOLDER}result.${sopUid(1)}.json`)).not.toContain('simulator');
  });

  test('an answer of before that no later one has replaced is not named in the provenance', async () => {
    const world = newWorld();
    const message = await computingSeries(world, { count: 2, product: 'qXR' });
    world.qure.instanceResults.always(answered(saidBy('simulator', 'critical'), WAIT));
    await runPoll(world, message);
    world.series.seed({ ...(await seriesIn(world, 'COMPUTING')), uploadRound: 2 });
    world.qure.instanceResults.always(answered(REFUSED, READY));
    await runPoll(world, lastOf(world.polls.sent));
    await seriesIn(world, 'DONE');
    const provenance = world.results.text(`${FOLDER}provenance.json`);
    expect(provenance).toContain(`"result.${sopUid(2)}.json"`);
    expect(provenance).not.toContain(`"result.${sopUid(1)}.json"`);
  });

  test('is a simulated result where one answer is, also where Qure knows the series by itself', async () => {
    const world = newWorld();
    const message = await computingSeries(world, { count: 3, product: 'qXR' });
    world.qure.instanceResults.always(answered(saidBy('simulator', 'routine'), WAIT, WAIT));
    await runPoll(world, message);
    world.qure.instanceResults.always(saidBy('3.1', 'routine'));
    await runPoll(world, lastOf(world.polls.sent));
    expect(isSimulatedResult(await seriesIn(world, 'DONE'))).toBe(true);
  });

  test('stores assets below their instance', async () => {
    const world = newWorld();
    const message = await computingSeries(world, { count: 1, product: 'qMSK' });
    world.qure.instanceResults.next(resultsAnswer(200, resultBody({ pdf: ['https://assets.example/a'] })));
    world.qure.assets.next(asset('pdf'));
    await runPoll(world, message);
    await seriesIn(world, 'DONE');
    expect(world.results.text(`${FOLDER}files/${sopUid(1)}/pdf/0`)).toBe('pdf');
  });

  test('keeps the answers of the others while the assets of one are retried', async () => {
    const world = newWorld();
    const message = await computingSeries(world, { count: 2, product: 'qXR' });
    const withAsset = resultsAnswer(200, resultBody({ pdf: ['https://assets.example/a'] }));
    world.qure.instanceResults.always(answered(READY, withAsset));
    world.qure.assets.next({ kind: 'transient', cause: 'ECONNRESET' }, asset('pdf'));
    await runPoll(world, message);
    expect(lastOf(world.polls.sent)).toMatchObject({ assetTries: 1 });
    await runPoll(world, lastOf(world.polls.sent));
    expect((await seriesIn(world, 'DONE')).resultFiles).toHaveLength(4);
    expect(world.qure.instanceResults.calls).toHaveLength(3);
  });
});
