import { describe, expect, test } from 'vitest';
import { toMarkedFile } from '../../../functions/delivery/upload-records.ts';
import type { ComputingSeries } from '../../../functions/series/series.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { asset, resultBody, resultsAnswer } from '../../support/world/qure-answers.ts';
import { SERIES, STUDY, sopUid } from '../../support/world/scans.ts';
import { computingSeries, lastOf, seriesIn } from '../../support/world/stages.ts';
import { sourceNamed, type World } from '../../support/world/world.ts';
import { runPoll } from './run-poll.ts';

const FOLDER = `default/${STUDY}/${SERIES}/1/`;
const LATER = `default/${STUDY}/${SERIES}/2/`;
const PDF = 'https://assets.example/a';
const EMPTY = resultsAnswer(200, { usecase: 'qer', triage_status: 'routine', result: {} });

/** A series of the second generation; what Qure may still say of the first is `earlier`. */
async function secondGeneration(world: World, earlier: ComputingSeries['earlier']) {
  const message = await computingSeries(world);
  const series = await seriesIn(world, 'COMPUTING');
  world.series.seed({ ...series, generation: 2, ...(earlier === undefined ? {} : { earlier }) });
  return message;
}

/** Polls until the series is in a final state; gives the seconds that it took. */
async function pollOn(world: World, seconds = 0): Promise<number> {
  const sent = world.polls.sent.at(-1);
  if (sent === undefined) throw new Error('expected a message, none was sent');
  world.clock.advance(sent.delaySeconds);
  const before = world.polls.sent.length;
  await runPoll(world, sent.message);
  return world.polls.sent.length === before
    ? seconds + sent.delaySeconds
    : pollOn(world, seconds + sent.delaySeconds);
}

describe('a result that is none', () => {
  test('REQ-WHOLE-1: {} is polled until the bound, then FAILED, and was never announced as a result', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.qure.seriesResults.always(EMPTY);
    await runPoll(world, message);
    expect(world.results.text(`${FOLDER}result.json`)).toBeUndefined();
    expect(await pollOn(world)).toBe(600);
    expect(await seriesIn(world, 'FAILED')).toMatchObject({
      reason: 'asset_missing',
      usecase: 'qer',
      resultFiles: ['findings.json', 'result.json'],
      lastAnswer: { generation: 1 },
    });
    expect(world.events.map(({ detailType }) => detailType)).not.toContain('Series Done');
  });

  test('{} that becomes a result is DONE', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.qure.seriesResults.next(EMPTY, resultsAnswer(200, resultBody()));
    await runPoll(world, message);
    await pollOn(world);
    expect(await seriesIn(world, 'DONE')).not.toHaveProperty('sameAsGeneration');
  });

  test.each([30, 120])('ends within a results time-out of %i s', async (resultsTimeoutSeconds) => {
    const world = newWorld({
      sources: [sourceNamed('default', { resultsTimeoutSeconds, pollIntervalSeconds: 1 })],
    });
    const message = await computingSeries(world);
    world.qure.seriesResults.always(EMPTY);
    await runPoll(world, message);
    expect(await pollOn(world)).toBeLessThan(resultsTimeoutSeconds / 2);
    expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: 'asset_missing' });
  });

  test('REQ-WHOLE-1: is polled until the bound without an expected asset, and fails with its name', async () => {
    const world = newWorld({ sources: [sourceNamed('default', { expects: ['pdf', 'sc'] })] });
    const message = await computingSeries(world);
    world.qure.seriesResults.always(resultsAnswer(200, resultBody({ pdf: [PDF] })));
    await runPoll(world, message);
    await pollOn(world);
    expect(await seriesIn(world, 'FAILED')).toMatchObject({
      reason: 'asset_missing',
      detail: expect.stringMatching(/expects: sc;/),
    });
  });

  test.each(['file:///etc/passwd', 'javascript:alert(1)', 'nothing'])(
    'a link %s is a missing asset',
    async (url) => {
      const world = newWorld();
      const message = await computingSeries(world);
      world.qure.seriesResults.next(resultsAnswer(200, resultBody({ pdf: [PDF], sc: [url] })));
      world.qure.assets.next(asset('pdf'));
      await runPoll(world, message);
      const failed = await seriesIn(world, 'FAILED');
      const resultFiles = ['findings.json', 'result.json', 'files/pdf/0'];
      expect(failed).toMatchObject({ reason: 'asset_missing', resultFiles });
      expect(failed.detail).not.toContain(url);
    },
  );

  test('REQ-WHOLE-1: a link to a refused address is a missing asset', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.qure.seriesResults.next(resultsAnswer(200, resultBody({ pdf: [PDF] })));
    world.qure.assets.next({ kind: 'refused', reason: 'forbidden_address' });
    await runPoll(world, message);
    expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: 'asset_missing' });
  });

  test('fails at once for the legacy format, and says what to ask Qure for', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.qure.seriesResults.next(resultsAnswer(200, { success: true, files: {}, tags: [], raw: {} }));
    await runPoll(world, message);
    expect(await seriesIn(world, 'FAILED')).toMatchObject({
      reason: 'legacy_format',
      detail: expect.stringContaining('CXRAPI'),
    });
  });
});

describe('another product', () => {
  test('REQ-USE-2: fails a CT that another product answers, with its answer stored', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.qure.seriesResults.next(resultsAnswer(200, { ...resultBody({ pdf: [PDF] }), usecase: 'qCT' }));
    await runPoll(world, message);
    expect(await seriesIn(world, 'FAILED')).toMatchObject({
      reason: 'wrong_usecase',
      usecase: 'qct',
      product: 'qER',
      resultFiles: ['result.json'],
    });
    expect(world.results.text(`${FOLDER}result.json`)).toContain('qCT');
    expect(world.qure.assets.calls).toEqual([]);
  });

  test('REQ-USE-1: ends a scan that Qure has not read as UNSUPPORTED, whatever its triage status', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    const body = { ...resultBody({}, 'routine'), usecase: 'not_implemented' };
    world.qure.seriesResults.next(resultsAnswer(200, body));
    await runPoll(world, message);
    expect(await seriesIn(world, 'UNSUPPORTED')).toMatchObject({
      reason: 'not_implemented',
      usecase: 'not_implemented',
    });
  });

  test('REQ-USE-1: ends 206 as DONE with its mark and without a triage status', async () => {
    const world = newWorld();
    const message = await computingSeries(world, { count: 1, product: 'qXR' });
    const body = { ...resultBody({}, 'Routine'), usecase: 'not_implemented' };
    world.qure.instanceResults.next(resultsAnswer(206, body));
    await runPoll(world, message);
    const done = await seriesIn(world, 'DONE');
    expect(done).toMatchObject({ isInvalidScan: true, usecase: 'not_implemented', product: 'qXR' });
    expect(done).not.toHaveProperty('triageStatus');
  });

  test.each([
    { usecases: ['qxr', 'qxr', 'qmsk'], state: 'DONE', expected: { usecase: 'qxr', product: 'qXR' } },
    { usecases: ['qmsk', 'qxr'], state: 'DONE', expected: { usecase: 'qmsk', product: 'qMSK' } },
    { usecases: ['not_implemented', 'qxr'], state: 'DONE', expected: { usecase: 'qxr' } },
    {
      usecases: ['not_implemented', 'not_implemented'],
      state: 'UNSUPPORTED',
      expected: { reason: 'not_implemented', usecase: 'not_implemented' },
    },
    { usecases: ['qxr', 'qct'], state: 'FAILED', expected: { reason: 'wrong_usecase', usecase: 'qct' } },
  ] as const)('X-rays answered by $usecases: $state', async ({ usecases, state, expected }) => {
    const world = newWorld();
    const message = await computingSeries(world, { count: usecases.length, product: 'qMSK' });
    world.qure.instanceResults.always(({ uid }) => {
      const at = Number(uid.split('.').at(-1)) - 1;
      return resultsAnswer(200, { ...resultBody(), usecase: usecases[at] });
    });
    await runPoll(world, message);
    expect(await seriesIn(world, state)).toMatchObject(expected);
  });

  test('has the product that answered an X-ray on the row, in the event and in the metric, and keeps the routed one', async () => {
    const world = newWorld();
    const message = await computingSeries(world, { count: 1, product: 'qMSK' });
    world.qure.instanceResults.next(resultsAnswer(200, { ...resultBody(), usecase: 'qxr' }));
    await runPoll(world, message);
    expect(await seriesIn(world, 'DONE')).toMatchObject({ product: 'qXR', routedProduct: 'qMSK' });
    expect(world.events.at(-1)?.detail).toMatchObject({ product: 'qXR', usecase: 'qxr' });
    expect(world.metrics.find(({ name }) => name === 'SeriesDone')?.dimensions).toMatchObject({
      product: 'qXR',
      usecase: 'qxr',
    });
  });
});

describe('an earlier answer', () => {
  const OLD = resultsAnswer(200, { ...resultBody(), computation: 1 });
  const NEW = resultsAnswer(200, { ...resultBody(), computation: 2 });
  const digest = 'digest' in OLD ? OLD.digest : '';
  const earlier = { result: { generation: 1, digest } };

  test('REQ-STALE-1: is polled again without storing it', async () => {
    const world = newWorld();
    const message = await secondGeneration(world, earlier);
    world.qure.seriesResults.next(OLD, OLD, NEW);
    await runPoll(world, message);
    expect([...world.results.objects.keys()]).toEqual([]);
    await pollOn(world);
    const done = await seriesIn(world, 'DONE');
    expect(done).toMatchObject({ lastResult: { generation: 2 } });
    expect(done).not.toHaveProperty('sameAsGeneration');
    expect(world.results.text(`${LATER}result.json`)).toContain('"computation":2');
  });

  test('REQ-STALE-1: is accepted after the bound, and reported', async () => {
    const world = newWorld();
    const message = await secondGeneration(world, earlier);
    world.qure.seriesResults.always(OLD);
    await runPoll(world, message);
    expect(await pollOn(world)).toBe(600);
    expect(await seriesIn(world, 'DONE')).toMatchObject({ sameAsGeneration: 1 });
    expect(world.events.at(-1)?.detail).toMatchObject({ sameAsGeneration: 1 });
  });

  test('counts as the new one if Qure reported "under process" in between', async () => {
    const world = newWorld();
    const message = await secondGeneration(world, earlier);
    world.qure.seriesResults.next(resultsAnswer(202), OLD);
    await runPoll(world, message);
    expect(lastOf(world.polls.sent)).toMatchObject({ processing: [SERIES] });
    await pollOn(world);
    expect(await seriesIn(world, 'DONE')).not.toHaveProperty('sameAsGeneration');
  });

  test('is polled again if it is a refusal', async () => {
    const world = newWorld();
    const refusal = resultsAnswer(400, { message: 'Too few slices' });
    const result = { generation: 1, digest: 'digest' in refusal ? refusal.digest : '' };
    const message = await secondGeneration(world, { result });
    world.qure.seriesResults.next(refusal, NEW);
    await runPoll(world, message);
    await pollOn(world);
    await seriesIn(world, 'DONE');
  });

  test('of a computation that had not ended comes first, and is not taken for the new one', async () => {
    const world = newWorld();
    const message = await secondGeneration(world, { isPending: true });
    world.qure.seriesResults.next(resultsAnswer(202), OLD, OLD, NEW);
    await runPoll(world, message);
    expect(lastOf(world.polls.sent)).not.toHaveProperty('processing');
    await pollOn(world);
    expect(world.results.text(`${LATER}result.json`)).toContain('"computation":2');
  });

  test('is accepted at once if it is of the same generation', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.series.seed({
      ...(await seriesIn(world, 'COMPUTING')),
      lastAnswer: { generation: 1, digest, at: world.clock.instant() },
    });
    world.qure.seriesResults.next(OLD);
    await runPoll(world, message);
    await seriesIn(world, 'DONE');
  });

  describe('to an instance of an X-ray series', () => {
    async function again(world: World, etag: string | undefined) {
      const message = await computingSeries(world, { count: 1, product: 'qXR' });
      const series = await seriesIn(world, 'COMPUTING');
      const [instance] = await world.instances.ofSeries(series);
      if (instance === undefined) throw new Error('expected an instance');
      await world.instanceResults.put(series, 1, {
        sopInstanceUid: sopUid(1),
        answer: 'ready',
        resultFiles: [],
        digest,
        etag: etag ?? instance.object.etag,
      });
      world.series.seed({ ...series, generation: 2 });
      return message;
    }

    test('is polled again if its content differs', async () => {
      const world = newWorld();
      const message = await again(world, 'other');
      world.qure.instanceResults.next(OLD, NEW);
      await runPoll(world, message);
      expect([...world.results.objects.keys()]).toEqual([]);
      await pollOn(world);
      expect(await seriesIn(world, 'DONE')).not.toHaveProperty('sameAsGeneration');
    });

    test('is accepted after the bound if its content differs, and reported', async () => {
      const world = newWorld();
      const message = await again(world, 'other');
      world.qure.instanceResults.always(OLD);
      await runPoll(world, message);
      expect(await pollOn(world)).toBe(600);
      expect(await seriesIn(world, 'DONE')).toMatchObject({ sameAsGeneration: 1 });
    });

    /** Of two images the first was replaced while Qure computed, which had answered neither. */
    async function replacedUnanswered(world: World, earlier: ComputingSeries['earlier']) {
      const message = await computingSeries(world, { count: 2, product: 'qXR' });
      const series = await seriesIn(world, 'COMPUTING');
      const [, second] = await world.instances.ofSeries(series);
      if (second === undefined) throw new Error('expected two instances');
      const before = { sopInstanceUid: sopUid(1), etag: 'before' };
      await world.uploadRecords.add(series, 1, { registered: [before, toMarkedFile(second)] });
      world.series.seed({ ...series, generation: 2, uploadRound: 2, ...(earlier && { earlier }) });
      return message;
    }

    test('may be of the content that Qure was computing when it was replaced, and is waited out', async () => {
      const world = newWorld();
      const message = await replacedUnanswered(world, { isPending: true });
      world.qure.instanceResults.always(OLD);
      await runPoll(world, message);
      expect([...world.results.objects.keys()]).toEqual([`${LATER}result.${sopUid(2)}.json`]);
      world.qure.instanceResults.always(NEW);
      expect(await pollOn(world)).toBe(600);
      await seriesIn(world, 'DONE');
      expect(world.results.text(`${LATER}result.${sopUid(1)}.json`)).toContain('"computation":2');
    });

    test('is accepted at once where nothing was being computed', async () => {
      const world = newWorld();
      const message = await replacedUnanswered(world, undefined);
      world.qure.instanceResults.always(NEW);
      await runPoll(world, message);
      await seriesIn(world, 'DONE');
    });

    test('is accepted if its content is the same, and reported if nothing else is new', async () => {
      const world = newWorld();
      const message = await again(world, undefined);
      world.qure.instanceResults.next(OLD);
      await runPoll(world, message);
      expect(await seriesIn(world, 'DONE')).toMatchObject({ sameAsGeneration: 1 });
    });
  });
});
