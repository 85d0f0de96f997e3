import { describe, expect, test } from 'vitest';
import { handleLateArrival } from '../../../functions/completion/complete-series.ts';
import type { SeriesState } from '../../../functions/series/series-facts.ts';
import { fail, startUploading } from '../../../functions/series/transitions.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { computeAnswer, receipt, refusedFile, resultsAnswer } from '../../support/world/qure-answers.ts';
import { ID, putSlices, sopUid } from '../../support/world/scans.ts';
import { completedSeries, computingSeries, index, seriesIn } from '../../support/world/stages.ts';
import { runCompute } from './run-compute.ts';
import { fileNames, marked, ONE_LANE } from './upload-records.ts';

describe('receipts', () => {
  test('REQ-COMP-1: uploads everything again for a short receipt, and fails after its tries', async () => {
    const world = newWorld(ONE_LANE);
    await completedSeries(world);
    world.qure.uploads.always(receipt(3, 2));
    for (const delaySeconds of [1, 2, 4, 8]) {
      await runCompute(world);
      expect(world.compute.sent.at(-1)?.delaySeconds).toBe(delaySeconds);
    }
    await runCompute(world);
    expect(world.qure.uploads.calls.map(({ files }) => files.length)).toEqual([3, 3, 3, 3, 3]);
    expect(await seriesIn(world, 'FAILED')).toMatchObject({
      reason: 'receipt_mismatch',
      restarts: 4,
      uploadRound: 6,
    });
    expect(world.qure.computes.calls).toEqual([]);
  });

  test('rounds that Qure disowned count no more in the next generation', async () => {
    const world = newWorld(ONE_LANE);
    await completedSeries(world);
    const uploading = startUploading(await seriesIn(world, 'COMPLETE'), world.source, world.clock.instant());
    await world.uploadRecords.add(ID, 1, marked(3, 3));
    const failure = { reason: 'not_uploaded' as const, detail: 'lost' };
    world.series.seed({ ...fail(uploading, failure, world.clock.instant()), outbox: [] });
    await index(world, putSlices(world, 1, { from: 4 }));
    await handleLateArrival(world.deps, ID, world.source, 'marker');
    world.qure.uploads.next(receipt(4, 4));
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    expect(fileNames(world)).toHaveLength(4);
    expect(await seriesIn(world, 'COMPUTING')).toMatchObject({ generation: 2, uploadRound: 2 });
  });

  test('rounds that Qure kept count in the next generation', async () => {
    const world = newWorld(ONE_LANE);
    await computingSeries(world);
    await world.uploadRecords.add(ID, 1, marked(3, 3));
    await index(world, putSlices(world, 1, { from: 4 }));
    await handleLateArrival(world.deps, ID, world.source, 'marker');
    world.qure.uploads.next(receipt(1, 4));
    world.qure.seriesResults.next(resultsAnswer(202));
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    expect(fileNames(world)).toEqual([`${sopUid(4)}.dcm`]);
    await seriesIn(world, 'COMPUTING');
  });

  const COUNTS: { name: string; marked: number; markHeld?: number; held?: number; state: SeriesState }[] = [
    { name: 'that all was sent with before counts', marked: 3, markHeld: 3, state: 'COMPUTING' },
    { name: 'that was short before is short', marked: 3, markHeld: 2, state: 'UPLOADING' },
    { name: 'of this run counts, not an older one', marked: 2, markHeld: 9, held: 2, state: 'UPLOADING' },
    { name: 'of this run is enough', marked: 2, markHeld: 1, held: 3, state: 'COMPUTING' },
  ];
  test.each(COUNTS)('a receipt $name: $state', async ({ marked: count, markHeld, held, state }) => {
    const world = newWorld(ONE_LANE);
    await completedSeries(world);
    await world.uploadRecords.add(ID, 1, marked(count, markHeld));
    if (held !== undefined) world.qure.uploads.next(receipt(3 - count, held));
    if (state === 'COMPUTING') world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    expect((await world.series.load(ID))?.state).toBe(state);
  });

  test('accepts a receipt that counts more than the index', async () => {
    const world = newWorld(ONE_LANE);
    await completedSeries(world);
    world.qure.uploads.next(receipt(3, 9));
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    await seriesIn(world, 'COMPUTING');
  });

  test('accepts an unclear file if the count covers it', async () => {
    const world = newWorld();
    await completedSeries(world, { count: 1 });
    world.qure.uploads.next(refusedFile('unclear', 1));
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    await seriesIn(world, 'COMPUTING');
  });

  test.each(['refused', 'unclear'] as const)(
    'fails after a few tries for a file that stays %s',
    async (reason) => {
      const world = newWorld();
      await completedSeries(world, { count: 1 });
      world.qure.uploads.always(refusedFile(reason));
      for (let run = 1; run <= 4; run += 1) await runCompute(world);
      expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: 'not_uploaded' });
      expect(world.qure.uploads.calls).toHaveLength(4);
    },
  );
});
