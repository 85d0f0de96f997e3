import type { DicomOverrides } from '@qure-dropoff/dicom/testing';
import { describe, expect, test } from 'vitest';
import { handleLateArrival } from '../../../functions/completion/complete-series.ts';
import { retry } from '../../../functions/series/retry.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import {
  computeAnswer,
  receipt,
  receivingQure,
  resultBody,
  resultsAnswer,
} from '../../support/world/qure-answers.ts';
import { ID, keyOf, putSlices, slice, sopUid } from '../../support/world/scans.ts';
import { ACCEPTED, completedSeries, computingSeries, index, seriesIn } from '../../support/world/stages.ts';
import { nextGeneration, runCompute, sweepLater } from './run-compute.ts';
import { ONE_LANE } from './upload-records.ts';

describe('later generations', () => {
  test('REQ-ONCE-1: ask Qure to compute again', async () => {
    const world = newWorld();
    await nextGeneration(world);
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    expect(world.qure.computes.calls).toMatchObject([{ recompute: true }]);
    expect(await seriesIn(world, 'COMPUTING')).toMatchObject({ generation: 2, accepted: { generation: 2 } });
  });

  test('an instance that comes while Qure is asked for the earlier answer is not left out', async () => {
    const world = newWorld();
    await nextGeneration(world, false);
    world.qure.seriesResults.next(async () => {
      await index(world, putSlices(world, 1, { from: 5 }));
      return resultsAnswer(202);
    });
    await runCompute(world);
    expect(world.qure.computes.calls).toEqual([]);
    expect(await seriesIn(world, 'RECEIVING')).toMatchObject({ generation: 3 });
  });

  test('so does a retry with recompute of the same set', async () => {
    const world = newWorld();
    await computingSeries(world, { compute: ACCEPTED });
    const { resultsDeadline: _by, ...computing } = await seriesIn(world, 'COMPUTING');
    const done = { ...computing, state: 'DONE' as const, resultFiles: [] };
    const retried = retry(done, { recompute: true }, world.source, world.clock.instant());
    if (retried.kind === 'refused') throw new Error(retried.why);
    world.series.seed(retried.series);
    world.qure.seriesResults.next(resultsAnswer(409));
    world.qure.uploads.always(receivingQure());
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world, { ...ID, ticket: retried.series.ticket, tries: 0 });
    expect(world.qure.computes.calls).toMatchObject([{ recompute: true }]);
    expect(await seriesIn(world, 'COMPUTING')).not.toHaveProperty('isRecompute');
  });

  interface LostAnswer {
    name: string;
    isAnswered: boolean;
    /** What results say when the message comes again; `undefined`: they are not asked. */
    status?: number;
    calls: number;
  }
  const LOST: LostAnswer[] = [
    { name: 'is not repeated while Qure computes', isAnswered: true, status: 202, calls: 1 },
    { name: 'is repeated when Qure has an older result', isAnswered: true, status: 200, calls: 2 },
    { name: 'is repeated when Qure computes nothing', isAnswered: true, status: 409, calls: 2 },
    { name: 'is repeated when Qure may still compute the generation before', isAnswered: false, calls: 2 },
  ];
  describe.each(LOST)('a call whose answer was lost $name', ({ isAnswered, status, calls }) => {
    test('died with its run', async () => {
      const world = newWorld();
      const message = await nextGeneration(world, isAnswered);
      world.qure.computes.always(computeAnswer(200));
      breakCalls(world.probe, 'qure.compute', 'after');
      await expect(runCompute(world, message)).rejects.toThrow('the message failed');
      // The same message is stale: the sweep sends the next one.
      await runCompute(world, message);
      expect(world.qure.computes.calls).toHaveLength(1);
      await sweepLater(world);
      if (status !== undefined) world.qure.seriesResults.next(resultsAnswer(status, resultBody()));
      await runCompute(world);
      expect(world.qure.computes.calls.map(({ recompute }) => recompute)).toEqual(Array(calls).fill(true));
      expect(await seriesIn(world, 'COMPUTING')).toMatchObject({
        generation: 2,
        accepted: { generation: 2 },
      });
    });

    test('was lost on the wire: is looked for at once', async () => {
      const world = newWorld();
      const message = await nextGeneration(world, isAnswered);
      world.qure.computes.next({ kind: 'transient', cause: 'ECONNRESET' });
      if (status !== undefined) world.qure.seriesResults.next(resultsAnswer(status, resultBody()));
      await runCompute(world, message);
      if (calls === 1) {
        await seriesIn(world, 'COMPUTING');
        return;
      }
      const next = { ...message, ticket: message.ticket + 2, tries: 1 };
      expect(world.compute.sent.at(-1)).toEqual({ message: next, delaySeconds: 1 });
      if (status !== undefined) world.qure.seriesResults.next(resultsAnswer(status, resultBody()));
      world.qure.computes.next(computeAnswer(200));
      await runCompute(world, next);
      expect(world.qure.computes.calls).toHaveLength(2);
      await seriesIn(world, 'COMPUTING');
    });
  });

  test('a repeated delivery while the call is under way takes nothing from the run that makes it', async () => {
    const world = newWorld();
    const message = await nextGeneration(world, false);
    world.qure.computes.next(async () => {
      world.clock.advance(10);
      await runCompute(world, message);
      return computeAnswer(200);
    });
    await runCompute(world, message);
    expect(await seriesIn(world, 'COMPUTING')).toMatchObject({ accepted: { generation: 2 } });
    expect(world.qure.computes.calls).toHaveLength(1);
  });

  test('the claim says that Qure knows the series already', async () => {
    const world = newWorld();
    const message = await nextGeneration(world, false);
    world.qure.computes.next({ kind: 'transient', cause: 'ECONNRESET' });
    await runCompute(world, message);
    expect((await seriesIn(world, 'UPLOADING')).callIntent).toEqual({
      generation: 2,
      at: world.clock.instant(),
      isLaterGeneration: true,
      isEarlierPending: true,
    });
  });

  describe('ask before the call for an answer that has not been fetched', () => {
    const ANSWERS = [
      { name: 'a result is remembered', answer: resultsAnswer(200, resultBody()), isKnown: true },
      {
        name: 'a refusal is remembered',
        answer: resultsAnswer(400, { message: 'Invalid scan' }),
        isKnown: true,
      },
      { name: 'none is there to be', answer: resultsAnswer(404), isKnown: false },
      { name: 'none was computed', answer: resultsAnswer(409), isKnown: false },
    ];
    test.each(ANSWERS)('$name', async ({ answer, isKnown }) => {
      const world = newWorld();
      await nextGeneration(world, false);
      world.qure.seriesResults.next(answer);
      world.qure.computes.next(computeAnswer(200));
      await runCompute(world);
      const { earlier } = await seriesIn(world, 'COMPUTING');
      if (!isKnown) expect(earlier).toBeUndefined();
      else expect(earlier).toEqual({ result: expect.objectContaining({ generation: 1 }) });
    });

    test.each([
      { name: 'under process', answer: resultsAnswer(202) },
      { name: 'not to be had', answer: resultsAnswer(503) },
    ])('one that is $name may still come first', async ({ answer }) => {
      const world = newWorld();
      await nextGeneration(world, false);
      world.qure.seriesResults.next(answer);
      world.qure.computes.next(computeAnswer(200));
      await runCompute(world);
      expect(await seriesIn(world, 'COMPUTING')).toMatchObject({ earlier: { isPending: true } });
    });

    test('asks no more once the call may have been made', async () => {
      const world = newWorld();
      const message = await nextGeneration(world, false);
      world.qure.seriesResults.always(resultsAnswer(202));
      world.qure.computes.next({ kind: 'transient', cause: 'ECONNRESET' }, computeAnswer(200));
      await runCompute(world, message);
      world.qure.seriesResults.always(resultsAnswer(200, resultBody()));
      await runCompute(world);
      expect(world.qure.seriesResults.calls).toHaveLength(1);
      expect(await seriesIn(world, 'COMPUTING')).toMatchObject({ earlier: { isPending: true } });
      expect(await seriesIn(world, 'COMPUTING')).not.toHaveProperty('lastAnswer');
    });
  });

  test('404 to a later generation uploads again, and the next call still asks to compute again', async () => {
    const world = newWorld();
    await nextGeneration(world);
    world.qure.computes.next(computeAnswer(404), computeAnswer(200));
    await runCompute(world);
    const uploading = await seriesIn(world, 'UPLOADING');
    expect(uploading).toMatchObject({ isRecompute: true, uploadRound: 2 });
    expect(uploading).not.toHaveProperty('accepted');
    await runCompute(world);
    expect(world.qure.computes.calls.map(({ recompute }) => recompute)).toEqual([true, true]);
    await seriesIn(world, 'COMPUTING');
  });

  test('send a content again that was replaced meanwhile by one whose upload was not answered', async () => {
    const world = newWorld(ONE_LANE);
    const dropFirst = async (folder: string, overrides: DicomOverrides) => {
      world.clock.advance(2);
      const key = keyOf(1, folder);
      world.drop.put(key, slice(1, overrides));
      await index(world, [key]);
      await handleLateArrival(world.deps, ID, world.source, 'marker');
    };
    await completedSeries(world, { count: 1 });
    world.qure.uploads.next(receipt(1, 1), { kind: 'transient', cause: 'ECONNRESET' }, receipt(2, 2));
    world.qure.seriesResults.next(resultsAnswer(202));
    world.qure.computes.next(computeAnswer(200), computeAnswer(200));
    await runCompute(world);
    await dropFirst('default/other', { sliceThicknessMm: 9 });
    await runCompute(world);
    await runCompute(world);
    await dropFirst('default/again', {});
    await index(world, putSlices(world, 1, { from: 2 }));
    await handleLateArrival(world.deps, ID, world.source, 'marker');
    await runCompute(world);
    await runCompute(world);
    const sent = world.qure.uploads.calls.map(({ files }) => files.map(({ fileName }) => fileName));
    expect(sent.at(-1)).toEqual([`${sopUid(1)}.dcm`, `${sopUid(2)}.dcm`]);
  });
});
