import { expect, test } from 'vitest';
import type { Series } from '../../../functions/series/series.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { resultsAnswer } from '../../support/world/qure-answers.ts';
import { computingSeries, seriesIn } from '../../support/world/stages.ts';
import type { World } from '../../support/world/world.ts';
import { runPoll } from './run-poll.ts';

const COMPUTING = new WeakMap<World, Series[]>();

/** The one series of a world, answered by this version, and again as if nothing had been before. */
async function answeredBy(world: World, modelVersion: string | undefined): Promise<void> {
  const known = world.series.all();
  if (known.length === 0) await computingSeries(world);
  const [computing] = COMPUTING.get(world) ?? known.concat(world.series.all());
  if (computing === undefined) throw new Error('expected a series that Qure computes');
  COMPUTING.set(world, [computing]);
  world.series.seed(computing);
  const { source, seriesInstanceUid, ticket } = computing;
  const message = { source, seriesInstanceUid, ticket, polls: 0, failures: 0, assetTries: 0 };
  const version = modelVersion === undefined ? {} : { qure_model_version: modelVersion };
  world.qure.seriesResults.next(
    resultsAnswer(200, { usecase: 'qer', result: { decisions: { ICH: false }, files: {}, ...version } }),
  );
  await runPoll(world, message);
  await seriesIn(world, 'DONE');
}

const changesIn = ({ events }: World) =>
  events.flatMap(({ detailType, detail }) => (detailType === 'Model Version Changed' ? [detail] : []));

test('reports no change for the first version of a source, nor for the same version again', async () => {
  const world = newWorld();
  for (const version of ['3.2', '3.2', undefined]) await answeredBy(world, version);
  expect(changesIn(world)).toEqual([]);
  expect(await world.modelVersions.load('default', 'qer')).toMatchObject({ modelVersion: '3.2' });
});

test('REQ-MODEL-1: publishes another version once, with the previous one', async () => {
  const world = newWorld();
  for (const version of ['3.2', '3.3', '3.3']) await answeredBy(world, version);
  const change = { source: 'default', product: 'qER', usecase: 'qer' };
  expect(changesIn(world)).toMatchObject([
    { ...change, previousModelVersion: '3.2', modelVersion: '3.3', at: world.clock.instant() },
  ]);
  expect(world.metrics.filter(({ name }) => name === 'ModelVersionChanges')).toHaveLength(1);
});

test('REQ-MODEL-1: publishes the version again with the same id after a run that died before it saved it', async () => {
  const world = newWorld();
  await answeredBy(world, '3.2');
  breakCalls(world.probe, 'modelVersions.replace', 'before');
  await expect(answeredBy(world, '3.3')).rejects.toThrow();
  Object.assign(world.probe, { before: undefined, after: undefined });
  await answeredBy(world, '3.3');
  const ids = changesIn(world).map(({ eventId }) => eventId);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
});
