import { expect, test } from 'vitest';
import { completeSeries, handleLateArrival } from '../../../functions/completion/complete-series.ts';
import { touchSeries } from '../../../functions/ingest/index-objects.ts';
import { finish } from '../../../functions/series/transitions.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { ID, keyOf, putSlices, STUDY, slice } from '../../support/world/scans.ts';
import { completedSeries, computingSeries, index, seriesIn } from '../../support/world/stages.ts';
import { sourceNamed } from '../../support/world/world.ts';
import { askApi } from '../api/ask-api.ts';

const A123 = { accessionNumber: 'A123', bodyPartExamined: 'HEAD' };

test('a series has the accession number and the body part of its first instance', async () => {
  const world = newWorld();
  await index(world, putSlices(world, 1, { overrides: A123 }));
  await index(world, putSlices(world, 1, { from: 2, overrides: { ...A123, accessionNumber: 'B' } }));
  expect(await seriesIn(world, 'RECEIVING')).toMatchObject({ accessionNumber: 'A123', bodyParts: ['head'] });
});

test('the first instance with an accession number gives it', async () => {
  const world = newWorld();
  world.drop.put(keyOf(1), slice(1));
  world.drop.put(keyOf(2), slice(2, A123));
  await index(world, [keyOf(1)]);
  expect(await seriesIn(world, 'RECEIVING')).not.toHaveProperty('accessionNumber');
  await index(world, [keyOf(2)]);
  expect(await seriesIn(world, 'RECEIVING')).toHaveProperty('accessionNumber', 'A123');
});

test('it stays with the series to the end, and through a retry', async () => {
  const world = newWorld();
  await computingSeries(world, { overrides: A123 });
  const done = finish(await seriesIn(world, 'COMPUTING'), { resultFiles: [] }, world.clock.instant());
  expect(done).toMatchObject({ accessionNumber: 'A123', bodyParts: ['head'] });
});

test('a series that is dropped again with a corrected header is found by the new number, and by the old one no more', async () => {
  const world = newWorld();
  await completedSeries(world, {
    count: 2,
    overrides: { ...A123, bodyPartExamined: 'CHEST', modality: 'CT' },
  });
  world.clock.advance(600);
  const corrected = { accessionNumber: 'B456', bodyPartExamined: 'HEAD', modality: 'MR' };
  await index(world, putSlices(world, 1, { from: 2, overrides: corrected }));
  await handleLateArrival(world.deps, ID, world.source, 'marker');
  expect(await world.series.load(ID)).toMatchObject({
    generation: 2,
    accessionNumber: 'B456',
    bodyParts: ['head'],
    modality: 'MR',
  });
  expect(await studiesBy('B456')).toMatchObject([{ accessionNumber: 'B456', bodyParts: ['head'] }]);
  expect(await studiesBy('A123')).toEqual([]);

  async function studiesBy(accession: string) {
    return (await askApi(world, '/v1/studies', { query: { accession } })).body['items'];
  }
});

test('of two numbers that come in one batch the newest finds the study', async () => {
  const world = newWorld();
  world.drop.put(keyOf(1), slice(1, { accessionNumber: 'OLD' }));
  world.clock.advance(2);
  world.drop.put(keyOf(2), slice(2, { accessionNumber: 'NEW' }));
  await index(world, [keyOf(1), keyOf(2)]);
  await completeSeries(world.deps, await seriesIn(world, 'RECEIVING'), world.source, 'quiet');
  expect(await seriesIn(world, 'COMPLETE')).toHaveProperty('accessionNumber', 'NEW');
  expect(await world.accessions.studiesOf('NEW')).toEqual([STUDY]);
});

test('a number that its sender has taken out is gone with the next judgement', async () => {
  const world = newWorld();
  await completedSeries(world, { count: 1, overrides: A123 });
  world.clock.advance(600);
  await index(world, putSlices(world, 1));
  await handleLateArrival(world.deps, ID, world.source, 'marker');
  expect(await seriesIn(world, 'COMPLETE')).toHaveProperty('generation', 2);
  expect(await seriesIn(world, 'COMPLETE')).not.toHaveProperty('accessionNumber');
});

test.each(['a123', ' A123 '])('the study is found by %o', async (typed) => {
  const world = newWorld();
  await index(world, putSlices(world, 1, { overrides: A123 }));
  expect(await world.accessions.studiesOf(typed)).toEqual([STUDY]);
  expect(await world.accessions.studiesOf(typed, 'default')).toEqual([STUDY]);
  expect(await world.accessions.studiesOf(typed, 'other')).toEqual([]);
  expect(await world.accessions.studiesOf('A12')).toEqual([]);
});

test('a study whose number could not be written is told of again', async () => {
  const world = newWorld();
  const keys = putSlices(world, 1, { overrides: A123 });
  breakCalls(world.probe, 'accessions.add', 'before');
  await expect(index(world, keys)).rejects.toThrow('1 were not');
  expect(world.series.all()).toEqual([]);
  await index(world, keys);
  expect(await world.accessions.studiesOf('A123')).toEqual([STUDY]);
  expect(await seriesIn(world, 'RECEIVING')).toHaveProperty('accessionNumber', 'A123');
});

test('a number of very many studies is not looked up', async () => {
  const world = newWorld();
  const add = (at: number) =>
    world.accessions.add({ accessionNumber: '0', source: 'default', studyInstanceUid: `1.2.${at}` });
  for (let at = 0; at < 20; at += 1) await add(at);
  expect(await world.accessions.studiesOf('0')).toHaveLength(20);
  await add(20);
  expect(await world.accessions.studiesOf('0')).toBeUndefined();
});

test('a source that leaves the numbers out takes none from rows of before', async () => {
  const world = newWorld();
  await index(world, putSlices(world, 1, { overrides: A123 }));
  const [row] = await world.instances.ofSeries(ID);
  if (row === undefined) throw new Error('expected a row, got none');
  const other = { ...row, seriesInstanceUid: '1.2.9', studyInstanceUid: '1.2' };
  const leavingOut = sourceNamed('default', { accessionNumbers: 'leave_out' });
  await touchSeries(world.deps, other, leavingOut);
  expect(await world.accessions.studiesOf('A123')).toEqual([STUDY]);
  expect(await world.series.load({ source: 'default', seriesInstanceUid: '1.2.9' })).not.toHaveProperty(
    'accessionNumber',
  );
  await completeSeries(world.deps, await seriesIn(world, 'RECEIVING'), leavingOut, 'quiet');
  expect(await seriesIn(world, 'COMPLETE')).not.toHaveProperty('accessionNumber');
});

test('a source that leaves the numbers out stores none', async () => {
  const world = newWorld({ sources: [sourceNamed('default', { accessionNumbers: 'leave_out' })] });
  await index(world, putSlices(world, 1, { overrides: A123 }));
  expect(await seriesIn(world, 'RECEIVING')).not.toHaveProperty('accessionNumber');
  expect(JSON.stringify(await world.instances.ofSeries(ID))).not.toContain('A123');
  expect(await world.accessions.studiesOf('A123')).toEqual([]);
});
