import { buildDicom } from '@qure-dropoff/dicom/testing';
import { describe, expect, test } from 'vitest';
import { completeSeries, handleLateArrival } from '../../../functions/completion/complete-series.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { computeAnswer, receivingQure } from '../../support/world/qure-answers.ts';
import { ID, keyOf, putSlices, STUDY, slice, sopUid } from '../../support/world/scans.ts';
import { index, seriesIn } from '../../support/world/stages.ts';
import { sourceNamed, type World } from '../../support/world/world.ts';
import { runCompute } from './run-compute.ts';

const patient = (id: string) => ({ elements: [{ tag: 0x00100020, vr: 'LO', value: id }] });
const ANNA = patient('4711');

/** A series of Anna's with one more slice, judged complete. */
async function completeWith(world: World, overrides: Parameters<typeof slice>[1]): Promise<void> {
  const keys = putSlices(world, 2, { overrides: ANNA });
  world.drop.put(keyOf(3), slice(3, overrides));
  await index(world, [...keys, keyOf(3)]);
  await completeSeries(world.deps, await seriesIn(world, 'RECEIVING'), world.source, 'quiet');
}

describe('a series of two patients or two studies fails before anything of it goes to Qure', () => {
  test.each([
    ['two patients', patient('4712'), 'instances of 2 patients'],
    ['two studies', { ...ANNA, studyInstanceUid: '1.2.840.9' }, 'instances of 2 studies'],
    [
      'both',
      { ...patient('4712'), studyInstanceUid: '1.2.840.9' },
      'instances of 2 patients and of 2 studies',
    ],
  ])('REQ-ID-1: nothing goes out, neither by us nor by a call: %s', async (_what, overrides, expected) => {
    for (const delivery of ['upload', 'external'] as const) {
      const world = newWorld({ sources: [sourceNamed('default', { delivery })] });
      await completeWith(world, overrides);
      await runCompute(world);
      const { reason, detail } = await seriesIn(world, 'FAILED');
      expect({ reason, detail }).toEqual({
        reason: 'mixed_identity',
        detail: `${expected}; nothing of them was sent to Qure`,
      });
      expect(world.qure.uploads.calls).toEqual([]);
      expect(world.qure.computes.calls).toEqual([]);
      expect(JSON.stringify([world.log, world.events, world.metrics])).not.toMatch(/4711|4712|patientHash/);
    }
  });

  test('accepts instances that name no patient', async () => {
    const world = newWorld();
    await completeWith(world, {});
    world.qure.uploads.always(receivingQure());
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    await seriesIn(world, 'COMPUTING');
  });

  test('continues when the foreign instance has been replaced', async () => {
    const world = newWorld();
    await completeWith(world, { ...patient('4712'), studyInstanceUid: '1.2.840.9' });
    await runCompute(world);
    await seriesIn(world, 'FAILED');
    world.clock.advance(60);
    world.drop.put(keyOf(3), slice(3, ANNA));
    await index(world, [keyOf(3)]);
    await handleLateArrival(world.deps, ID, world.source, 'marker');
    world.qure.uploads.always(receivingQure());
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    expect(await seriesIn(world, 'COMPUTING')).toMatchObject({ generation: 2, instances: 3 });
  });
});

test('the study of a series is that of its instances, not that of the one that came first', async () => {
  const world = newWorld();
  world.drop.put(keyOf(1), slice(1, { studyInstanceUid: '1.2.840.9' }));
  await index(world, [keyOf(1)]);
  expect(await seriesIn(world, 'RECEIVING')).toMatchObject({ studyInstanceUid: '1.2.840.9' });
  world.clock.advance(60);
  const right = buildDicom({ ...ID, studyInstanceUid: STUDY, sopInstanceUid: sopUid(1) });
  world.drop.put(keyOf(1), right);
  await index(world, [keyOf(1)]);
  await completeSeries(world.deps, await seriesIn(world, 'RECEIVING'), world.source, 'quiet');
  expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ studyInstanceUid: STUDY });
});
