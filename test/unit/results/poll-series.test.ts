import { describe, expect, test } from 'vitest';
import { dueMinuteOf } from '../../../functions/aws/table/keys.ts';
import { addSeconds } from '../../../functions/shared/time.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { asset, resultBody, resultsAnswer } from '../../support/world/qure-answers.ts';
import { SERIES, STUDY } from '../../support/world/scans.ts';
import { ACCEPTED, computingSeries, lastOf, seriesIn } from '../../support/world/stages.ts';
import { runPoll } from './run-poll.ts';

const FOLDER = `default/${STUDY}/${SERIES}/1/`;
const PDF = 'https://assets.example/report.pdf?sig=1';
const PNG = 'https://assets.example/slice.png?sig=1';
const READY = resultsAnswer(200, resultBody({ pdf: [PDF], png: [PNG] }, 'Critical'));

describe('a result', () => {
  test('is stored verbatim with every asset, and the series is done', async () => {
    const world = newWorld();
    const message = await computingSeries(world, { compute: ACCEPTED });
    world.qure.seriesResults.next(READY);
    world.qure.assets.always(({ url }) => asset(url));
    await runPoll(world, message);
    const resultFiles = ['result.json', 'findings.json', 'files/pdf/0', 'files/png/0'];
    expect(await seriesIn(world, 'DONE')).toMatchObject({
      resultFiles,
      triageStatus: 'critical',
      compute: ACCEPTED,
      accepted: { generation: 1, isAnswered: true },
    });
    expect(JSON.parse(world.results.text(`${FOLDER}result.json`) ?? '')).toMatchObject({
      triage_status: 'Critical',
    });
    expect(world.results.text(`${FOLDER}files/pdf/0`)).toBe(PDF);
    expect(world.results.objects.get(`${FOLDER}files/pdf/0`)?.contentType).toBe('application/pdf');
    expect(world.events.at(-1)).toMatchObject({
      detailType: 'Series Done',
      detail: { triageStatus: 'critical', resultKeys: resultFiles.map((file) => FOLDER + file) },
    });
    expect(await seriesIn(world, 'DONE')).not.toHaveProperty('dueAt');
    expect(world.qure.assets.calls.every(({ allowLoopbackHttp }) => !allowLoopbackHttp)).toBe(true);
  });

  test('of 206 is marked, and needs no asset', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.qure.seriesResults.next(resultsAnswer(206, resultBody()));
    await runPoll(world, message);
    expect(await seriesIn(world, 'DONE')).toMatchObject({
      isInvalidScan: true,
      resultFiles: ['result.json', 'findings.json'],
    });
  });

  test('has its findings beside it, on the row and in the event; the event lists those that are present', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    const said = { decisions: { SHIFT: false, ICH: true }, scores: { ICH: 0.9 }, qure_model_version: '3.2' };
    world.qure.seriesResults.next(
      resultsAnswer(200, { usecase: 'qer', triage_status: 'Critical', result: { ...said, files: {} } }),
    );
    await runPoll(world, message);
    const findings = [
      { key: 'ICH', present: true, score: 0.9 },
      { key: 'SHIFT', present: false },
    ];
    expect(await seriesIn(world, 'DONE')).toMatchObject({ modelVersion: '3.2', findings });
    expect(world.events.at(-1)?.detail).toMatchObject({ findings, presentFindings: ['ICH'] });
    const document: unknown = JSON.parse(world.results.text(`${FOLDER}findings.json`) ?? '');
    expect(document).toMatchObject({ usecase: 'qer', triageStatus: 'critical', readFrom: 'result' });
  });

  test("of qCT has the findings of its JSON asset, and none where the asset's shape is unknown", async () => {
    for (const [body, readFrom] of [
      ['{"findings":[{"name":"emphysema","present":true}]}', 'asset'],
      ['{"nodules":[]}', 'none'],
      ['{"findings":', 'none'],
    ] as const) {
      const world = newWorld();
      const message = await computingSeries(world);
      const url = 'https://assets.example/a.json?sig=1';
      world.qure.seriesResults.next(resultsAnswer(200, resultBody({ json: [url] })));
      world.qure.assets.always(() => asset(body));
      await runPoll(world, message);
      await seriesIn(world, 'DONE');
      expect(JSON.parse(world.results.text(`${FOLDER}findings.json`) ?? '')).toMatchObject({ readFrom });
    }
  });

  test('of 400 is final', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.qure.seriesResults.next(resultsAnswer(400, { debug_info: { reason: 'not a head' } }));
    await runPoll(world, message);
    expect(await seriesIn(world, 'UNSUPPORTED')).toMatchObject({
      reason: 'unsupported_scan',
      detail: 'not a head',
      accepted: { isAnswered: true },
    });
  });

  test('that could not be published stays due', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.qure.seriesResults.next(resultsAnswer(200, resultBody()));
    breakCalls(world.probe, 'world.publish', 'before');
    await runPoll(world, message);
    const done = await seriesIn(world, 'DONE');
    expect(done.outbox).toHaveLength(1);
    expect(done.dueAt).toBe('2026-03-01T08:02:00.000Z');
  });

  test.each([
    { name: 'the result', broken: 'results.put' },
    { name: 'the row', broken: 'series.save' },
  ])('is stored again when the run died while it stored $name', async ({ broken }) => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.qure.seriesResults.always(resultsAnswer(200, resultBody({ pdf: [PDF] })));
    world.qure.assets.always(() => asset('pdf'));
    breakCalls(world.probe, broken, 'before');
    await expect(runPoll(world, message)).rejects.toThrow('comes again');
    await runPoll(world, message);
    await seriesIn(world, 'DONE');
  });
});

describe('no result yet', () => {
  interface Wait {
    name: string;
    answer: ReturnType<typeof resultsAnswer>;
    before?: { polls?: number; failures?: number };
    after: { polls?: number; failures?: number };
    delaySeconds: number;
  }
  const WAITS: Wait[] = [
    { name: '202', answer: resultsAnswer(202), after: { polls: 1 }, delaySeconds: 15 },
    {
      name: '202 for the fourth time',
      answer: resultsAnswer(202),
      before: { polls: 3 },
      after: { polls: 4 },
      delaySeconds: 33,
    },
    {
      name: '202 for long',
      answer: resultsAnswer(202),
      before: { polls: 500 },
      after: { polls: 501 },
      delaySeconds: 60,
    },
    {
      name: '202 after failures counts them anew',
      answer: resultsAnswer(202),
      before: { polls: 1, failures: 9 },
      after: { polls: 2, failures: 0 },
      delaySeconds: 20,
    },
    {
      name: '202 with Retry-After',
      answer: resultsAnswer(202, undefined, { 'retry-after': '90' }),
      after: { polls: 1 },
      delaySeconds: 90,
    },
    {
      name: 'validity',
      answer: resultsAnswer(400, { message: 'Validity not determined yet!' }),
      after: { polls: 1 },
      delaySeconds: 15,
    },
    { name: '503', answer: resultsAnswer(503), after: { failures: 1 }, delaySeconds: 1 },
    {
      name: '429 with Retry-After',
      answer: resultsAnswer(429, undefined, { 'retry-after': '90' }),
      after: { failures: 1 },
      delaySeconds: 91,
    },
    {
      name: 'a page of markup',
      answer: resultsAnswer(200, '<html>'),
      after: { failures: 1 },
      delaySeconds: 1,
    },
    {
      name: 'a reset',
      answer: { kind: 'transient', cause: 'ECONNRESET' },
      before: { failures: 4 },
      after: { failures: 5 },
      delaySeconds: 12,
    },
    {
      name: 'a reset after many polls waits like a first one',
      answer: { kind: 'transient', cause: 'ECONNRESET' },
      before: { polls: 30 },
      after: { polls: 30, failures: 1 },
      delaySeconds: 1,
    },
    { name: 'a redirect', answer: resultsAnswer(302), after: { failures: 1 }, delaySeconds: 1 },
    {
      name: 'an undocumented status',
      answer: resultsAnswer(418, 'tea'),
      after: { failures: 1 },
      delaySeconds: 1,
    },
    {
      name: 'a secret without a URL',
      answer: { kind: 'misconfigured', detail: 'no URL' },
      after: { failures: 1 },
      delaySeconds: 1,
    },
  ];
  test.each(WAITS)(
    '$name: asked again after $delaySeconds s',
    async ({ answer, before = {}, after, delaySeconds }) => {
      const world = newWorld();
      const message = { ...(await computingSeries(world)), ...before };
      world.qure.seriesResults.next(answer);
      await runPoll(world, message);
      const next = { ...message, ...after, ticket: message.ticket + 1 };
      expect(world.polls.sent).toEqual([{ message: next, delaySeconds }]);
      const dueAt = dueMinuteOf(addSeconds(world.clock.instant(), delaySeconds + 120));
      expect(await seriesIn(world, 'COMPUTING')).toMatchObject({ dueAt, ticket: message.ticket + 1 });
    },
  );

  test.each([
    { name: '202', answer: resultsAnswer(202), failures: 0, lateSeconds: 0, reason: 'results_timeout' },
    {
      name: 'the fourth 503',
      answer: resultsAnswer(503),
      failures: 3,
      lateSeconds: 0,
      reason: 'qure_unavailable',
    },
    { name: 'a 503', answer: resultsAnswer(503), failures: 0, lateSeconds: 600, reason: 'qure_unavailable' },
  ])('$name $lateSeconds s after the deadline: $reason', async (row) => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.clock.advance(86_400 + row.lateSeconds);
    world.qure.seriesResults.next(row.answer);
    await runPoll(world, { ...message, failures: row.failures });
    expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: row.reason });
  });

  test('is asked for again after one failure, where the message came after the deadline only', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.clock.advance(86_400 + 180);
    world.qure.seriesResults.next(resultsAnswer(503), resultsAnswer(200, resultBody()));
    await runPoll(world, message);
    await runPoll(world, lastOf(world.polls.sent));
    await seriesIn(world, 'DONE');
  });

  test('fails one series with source_denied after 403, and its source continues', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.qure.seriesResults.next(resultsAnswer(403));
    await runPoll(world, message);
    expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: 'source_denied' });
    expect(world.sourceStates.of('default')).not.toHaveProperty('stop');
  });
});
