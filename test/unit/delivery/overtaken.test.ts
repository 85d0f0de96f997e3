import { describe, expect, test } from 'vitest';
import { checkQuiet } from '../../../functions/completion/check-quiet.ts';
import { handleLateArrival } from '../../../functions/completion/complete-series.ts';
import { finish } from '../../../functions/series/transitions.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { computeAnswer, receipt, receivingQure, resultsAnswer } from '../../support/world/qure-answers.ts';
import { ID, putSlices, slice, sopUid } from '../../support/world/scans.ts';
import { completedSeries, index, lastOf, seriesIn } from '../../support/world/stages.ts';
import type { World } from '../../support/world/world.ts';
import { runCompute } from './run-compute.ts';
import { fileNames, ONE_LANE } from './upload-records.ts';

const NEWER = slice(1, { sliceThicknessMm: 9 });

/** Slice 1 is dropped with another content, which is judged at once. */
async function replaceFirst(world: World): Promise<void> {
  world.clock.advance(2);
  world.drop.put('default/newer/IM 1', NEWER);
  await index(world, ['default/newer/IM 1']);
  await handleLateArrival(world.deps, ID, world.source, 'marker');
}

/** A series of three whose first request is under way while `meanwhile` happens. */
async function uploadWhile(world: World, meanwhile: () => Promise<unknown>): Promise<void> {
  const message = await completedSeries(world);
  world.qure.uploads.next(async (call) => {
    await meanwhile();
    return receipt(call.files.length, 3);
  });
  world.qure.uploads.always(receivingQure());
  world.qure.computes.always(computeAnswer(200));
  await runCompute(world, message);
}

async function completeQuiet(world: World): Promise<void> {
  const quiet = lastOf(world.completion.sent);
  if (quiet.kind !== 'quiet') throw new Error(`expected a series that waits for silence, got ${quiet.kind}`);
  world.clock.advance(world.source.quietPeriodSeconds);
  await checkQuiet(world.deps, quiet, world.source);
}

describe('a request that a later generation has overtaken', () => {
  test.each(['COMPUTING', 'DONE'] as const)('sends the newer content again, also in %s', async (state) => {
    const world = newWorld(ONE_LANE);
    // The answer to the second generation is asked for before the third one is to be computed.
    world.qure.seriesResults.next(resultsAnswer(202));
    await uploadWhile(world, async () => {
      await replaceFirst(world);
      await runCompute(world);
      if (state === 'COMPUTING') return;
      const done = finish(await seriesIn(world, 'COMPUTING'), { resultFiles: [] }, world.clock.instant());
      world.series.seed({ ...done, outbox: [] });
    });
    const opened = await seriesIn(world, 'RECEIVING');
    expect(opened).toMatchObject({ generation: 3 });
    expect(opened).not.toHaveProperty('accepted');
    await completeQuiet(world);
    await runCompute(world);
    // The marks of both contents begin a new round.
    await runCompute(world);
    const last = world.qure.uploads.calls.at(-1)?.files;
    expect(last?.map(({ fileName }) => fileName)).toEqual([1, 2, 3].map((n) => `${sopUid(n)}.dcm`));
    expect(last?.[0]?.body.equals(NEWER)).toBe(true);
    expect(world.qure.computes.calls.at(-1)).toMatchObject({ recompute: true });
    expect(await seriesIn(world, 'COMPUTING')).toMatchObject({ accepted: { generation: 3 } });
  });

  test('does not change a series that is receiving, and marks what it sent', async () => {
    const world = newWorld(ONE_LANE);
    await uploadWhile(world, async () => {
      world.drop.put('default/newer/IM 1', NEWER);
      await index(world, ['default/newer/IM 1']);
      await handleLateArrival(world.deps, ID, world.source, undefined);
    });
    expect(await seriesIn(world, 'RECEIVING')).toMatchObject({ generation: 2 });
    expect(world.completion.sent.filter(({ message }) => message.kind === 'quiet')).toHaveLength(2);
    const marks = await world.uploadRecords.of(ID, 1);
    expect(marks).toContainEqual(
      expect.objectContaining({
        registered: [],
        sent: [expect.objectContaining({ sopInstanceUid: sopUid(1) })],
      }),
    );
  });

  test('begins no generation where the same contents were sent', async () => {
    const world = newWorld(ONE_LANE);
    await uploadWhile(world, async () => {
      await index(world, putSlices(world, 1, { from: 4 }));
      await handleLateArrival(world.deps, ID, world.source, 'marker');
      await runCompute(world);
    });
    expect(await seriesIn(world, 'COMPUTING')).toMatchObject({ generation: 2 });
  });

  test('begins no generation where another run of its own went on', async () => {
    const world = newWorld(ONE_LANE);
    await uploadWhile(world, () => runCompute(world));
    expect(await seriesIn(world, 'COMPUTING')).toMatchObject({ generation: 1 });
  });

  test('starts over if the row is saved concurrently', async () => {
    const world = newWorld(ONE_LANE);
    await uploadWhile(world, async () => {
      await replaceFirst(world);
      await runCompute(world);
      world.probe.after = async ({ name, args }) => {
        if (name !== 'uploadRecords.add' || !JSON.stringify(args).includes('"sent"')) return;
        delete world.probe.after;
        await world.series.save(await seriesIn(world, 'COMPUTING'));
      };
    });
    expect(await seriesIn(world, 'RECEIVING')).toMatchObject({ generation: 3 });
  });
});

describe('leave to send', () => {
  /** Calls `then` with the answer to the first question of an upload on its way. */
  function afterFirstLeave(world: World, then: () => unknown): void {
    let isUploading = false;
    world.probe.after = async ({ name }) => {
      if (name === 'series.heartbeat') isUploading = true;
      if (name !== 'series.load' || !isUploading) return;
      delete world.probe.after;
      await then();
    };
  }

  test('that was answered late is asked for again: what was replaced meanwhile does not go', async () => {
    const world = newWorld(ONE_LANE);
    const message = await completedSeries(world);
    afterFirstLeave(world, async () => {
      world.clock.advance(134);
      await replaceFirst(world);
    });
    await runCompute(world, message);
    expect(fileNames(world)).toEqual([]);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ generation: 2 });
  });

  test('that was answered late is given where nothing has changed', async () => {
    const world = newWorld(ONE_LANE);
    const message = await completedSeries(world);
    afterFirstLeave(world, () => world.clock.advance(134));
    world.qure.uploads.always(receivingQure());
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world, message);
    expect(fileNames(world)).toHaveLength(3);
    await seriesIn(world, 'COMPUTING');
  });

  test('whose answers take the time of the run leaves the rest to the next run', async () => {
    const world = newWorld(ONE_LANE);
    const message = await completedSeries(world);
    afterFirstLeave(world, () => {
      world.clock.advance(134);
      world.remainingMs = 50_000;
    });
    await runCompute(world, message);
    expect(fileNames(world)).toEqual([]);
    expect(world.compute.sent.at(-1)).toMatchObject({ message: { ticket: message.ticket + 2 } });
  });
});
