import { describe, expect, test } from 'vitest';
import { completeSeries } from '../../../functions/completion/complete-series.ts';
import { instancesToUpload } from '../../../functions/completion/localizers.ts';
import { judgeSet, neededRows } from '../../../functions/recovery/reconcile/reconciliation-rules.ts';
import { provenanceSchema } from '../../../functions/results/provenance-schema.ts';
import { fail } from '../../../functions/series/transitions.ts';
import { newWorld } from '../../support/world/new-world.ts';
import {
  asset,
  computeAnswer,
  receivingQure,
  resultBody,
  resultsAnswer,
} from '../../support/world/qure-answers.ts';
import { ID, keyOf, SERIES, STUDY, slice, sopUid } from '../../support/world/scans.ts';
import { index, lastOf, seriesIn } from '../../support/world/stages.ts';
import { sourceNamed, type World } from '../../support/world/world.ts';
import { runPoll } from '../results/run-poll.ts';
import { ctSlice, localizer, scan } from '../routing/quality/scans.ts';
import { runCompute } from './run-compute.ts';
import { fileNames } from './upload-records.ts';

const SLICES = 8;

/** Eight slices and a localizer, number 9, judged complete. */
async function withLocalizer(localizers: 'upload' | 'leave_out'): Promise<World> {
  const world = newWorld({ sources: [sourceNamed('default', { localizers })] });
  for (let number = 1; number <= SLICES + 1; number += 1) {
    const geometry =
      number > SLICES
        ? {
            imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'],
            imagePositionMm: [0, 265, 50],
            imageOrientation: [0, -1, 0, 0, 0, -1],
          }
        : { imagePositionMm: [0, 0, number * 5], imageOrientation: [1, 0, 0, 0, 1, 0] };
    world.drop.put(keyOf(number), slice(number, geometry));
  }
  await index(
    world,
    Array.from({ length: SLICES + 1 }, (_, at) => keyOf(at + 1)),
  );
  await completeSeries(world.deps, await seriesIn(world, 'RECEIVING'), world.source, 'quiet');
  world.qure.uploads.always(receivingQure());
  world.qure.computes.next(computeAnswer(200));
  return world;
}

describe('a localizer among the slices', () => {
  test.each([
    { localizers: 'upload', uploaded: 9 },
    { localizers: 'leave_out', uploaded: 8 },
  ] as const)(
    '$localizers: $uploaded files go to Qure, and its receipt is enough',
    async ({ localizers, uploaded }) => {
      const world = await withLocalizer(localizers);
      await runCompute(world, lastOf(world.compute.sent));
      expect(fileNames(world)).toHaveLength(uploaded);
      expect(fileNames(world).includes(`${sopUid(9)}.dcm`)).toBe(localizers === 'upload');
      expect(await seriesIn(world, 'COMPUTING')).toMatchObject({ instances: 9, quality: { offPlane: 1 } });
    },
  );

  test('left out, is marked as not sent in provenance.json', async () => {
    const world = await withLocalizer('leave_out');
    await runCompute(world, lastOf(world.compute.sent));
    world.qure.seriesResults.always(
      resultsAnswer(200, resultBody({ pdf: ['https://assets.example/a.pdf'] })),
    );
    world.qure.assets.always(({ url }) => asset(url));
    await runPoll(world, lastOf(world.polls.sent));
    await seriesIn(world, 'DONE');
    const text = world.results.text(`default/${STUDY}/${SERIES}/1/provenance.json`) ?? '{}';
    const { instances } = provenanceSchema.parse(JSON.parse(text));
    expect(instances).toHaveLength(SLICES + 1);
    expect(
      instances.filter(({ isLeftOut }) => isLeftOut).map(({ sopInstanceUid }) => sopInstanceUid),
    ).toEqual([sopUid(9)]);
  });

  test('left out, is neither missing nor needed for the reconciliation', async () => {
    const world = await withLocalizer('leave_out');
    await runCompute(world, lastOf(world.compute.sent));
    const series = await seriesIn(world, 'COMPUTING');
    const held = await world.instances.ofSeries(ID);
    const marks = await world.uploadRecords.of(ID, series.uploadRound);
    expect(judgeSet(series, held, marks, world.source)).toBeUndefined();
    expect(judgeSet(series, held, marks, sourceNamed('default'))).toBe('receipt_short');
    const failed = fail(series, { reason: 'results_timeout', detail: 'late' }, world.clock.instant());
    expect(neededRows(failed, held, marks, world.source, world.clock.instant())).toEqual([]);
    expect(neededRows(failed, held, marks, sourceNamed('default'), world.clock.instant())).toHaveLength(1);
  });
});

describe('what is left out', () => {
  const unnamed = (at: number) =>
    localizer({ sopInstanceUid: `1.2.9.${at}`, imageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'] });
  test.each([
    { name: 'a localizer', series: [localizer(), ...scan(8)], left: 1 },
    { name: 'one of two slices', series: [localizer(), ...scan(2)], left: 1 },
    {
      name: 'an image in another plane that does not call itself one',
      series: [unnamed(1), ...scan(8)],
      left: 1,
    },
    {
      name: 'four images in another plane: they are no localizers',
      series: [...[1, 2, 3, 4].map(unnamed), ...scan(30)],
      left: 0,
    },
    { name: 'one image in another plane of four', series: [unnamed(1), ...scan(3)], left: 0 },
    { name: 'nothing of whole slices', series: scan(30), left: 0 },
    { name: 'nothing of localizers alone', series: [localizer()], left: 0 },
    {
      name: 'nothing of X-rays',
      series: [ctSlice(0, { sopClassUid: '1.2.840.10008.5.1.4.1.1.1', imageType: ['LOCALIZER'] })],
      left: 0,
    },
  ])('$name', ({ series, left }) => {
    expect(instancesToUpload(series, { localizers: 'leave_out' })).toHaveLength(series.length - left);
    expect(instancesToUpload(series, { localizers: 'upload' })).toBe(series);
    expect(instancesToUpload(series, {})).toBe(series);
  });
});
