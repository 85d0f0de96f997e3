import { describe, expect, test } from 'vitest';
import { completeSeries } from '../../../functions/completion/complete-series.ts';
import { indexObjects } from '../../../functions/ingest/index-objects.ts';
import type { Product } from '../../../functions/qure/product.ts';
import type { FailedSeries, Series } from '../../../functions/series/series.ts';
import { workspaceIdOf } from '../../../functions/sources/qure-credentials.ts';
import type { Source } from '../../../functions/sources/source.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { computeAnswer, receivingQure } from '../../support/world/qure-answers.ts';
import { SERIES, slice } from '../../support/world/scans.ts';
import { credentialsOf, sourceNamed, type World } from '../../support/world/world.ts';
import { runCompute } from './run-compute.ts';

/** Two sources of one Qure: in one workspace, unless `south` is given another one. */
function twoSources(product: Product = 'qER', south: { source?: string; baseUrl?: string } = {}): World {
  const world = newWorld({ sources: [sourceNamed('north', { product }), sourceNamed('south', { product })] });
  const shared = credentialsOf('north');
  world.credentials.set('south', { ...shared, token: 'token-of-south', ...south });
  world.qure.uploads.always(receivingQure());
  world.qure.computes.always(computeAnswer(200));
  return world;
}

/** One slice of a series that a source drops, brought as far as the compute stage brings it. */
async function bring(world: World, name: string, seriesInstanceUid = SERIES, number = 1): Promise<Series> {
  const source = world.sources.find((one) => one.name === name) as Source;
  const key = `${name}/scan ${seriesInstanceUid} ${number}`;
  world.drop.put(key, slice(number, { seriesInstanceUid, sopInstanceUid: `${SERIES}.${number}` }));
  await indexObjects(world.deps, [{ key, source }]);
  const id = { source: name, seriesInstanceUid };
  const receiving = await world.series.load(id);
  if (receiving?.state !== 'RECEIVING') throw new Error('expected a series that is receiving');
  await completeSeries(world.deps, receiving, source, 'quiet');
  await runCompute(world);
  const brought = await world.series.load(id);
  if (brought === undefined) throw new Error('expected the series to stay');
  return brought;
}

const REFUSED = { state: 'FAILED', reason: 'shared_workspace' };

describe('a series that another source has brought into the same workspace', () => {
  test.each(['upload', 'external'] as const)('is refused before anything is sent: %s', async (delivery) => {
    const world = twoSources();
    world.sources = world.sources.map((source) => ({ ...source, delivery }));
    expect(await bring(world, 'north')).toMatchObject({ state: 'COMPUTING' });
    const calls = { uploads: world.qure.uploads.calls.length, computes: world.qure.computes.calls.length };
    const refused = (await bring(world, 'south')) as FailedSeries;
    expect(refused).toMatchObject(REFUSED);
    expect(refused.detail).toBe(
      'the source north has brought it into the same workspace of Qure; nothing of this one was sent',
    );
    expect(world.qure.uploads.calls).toHaveLength(calls.uploads);
    expect(world.qure.computes.calls).toHaveLength(calls.computes);
  });

  test('is not refused to its own source again', async () => {
    const world = twoSources();
    await bring(world, 'north');
    expect(await bring(world, 'north', `${SERIES}.9`)).toMatchObject({ state: 'COMPUTING' });
  });

  test('is told of an X-ray by its instance too: Qure gives its result by the SOPInstanceUID', async () => {
    const world = twoSources('qXR');
    expect(await bring(world, 'north')).toMatchObject({ state: 'COMPUTING' });
    expect(await bring(world, 'south', '1.2.840.7')).toMatchObject(REFUSED);
    expect(await bring(world, 'south', '1.2.840.8', 2)).toMatchObject({ state: 'COMPUTING' });
  });

  test('takes no instance where its series is refused: of two sources that come at once one is served', async () => {
    const world = twoSources('qXR');
    await bring(world, 'north');
    expect(await bring(world, 'south', SERIES, 2)).toMatchObject(REFUSED);
    expect(await bring(world, 'north', '1.2.840.8', 2)).toMatchObject({ state: 'COMPUTING' });
  });

  test.each([
    ['another Source', { source: 'workspace-of-south' }],
    ['another base URL', { baseUrl: 'https://other.example/api' }],
  ])('is another one in a workspace with %s', async (_what, south) => {
    const world = twoSources('qER', south);
    await bring(world, 'north');
    expect(await bring(world, 'south')).toMatchObject({ state: 'COMPUTING' });
  });
});

test('a workspace is the same however its base URL is written, and its id names neither', () => {
  const one = workspaceIdOf({ baseUrl: 'https://Qure.example/api/', source: 'hospital' });
  expect(workspaceIdOf({ baseUrl: 'https://qure.example:443/api', source: 'hospital' })).toBe(one);
  expect(workspaceIdOf({ baseUrl: 'https://qure.example/api', source: 'Hospital' })).not.toBe(one);
  expect(one).toMatch(/^[0-9a-f]{32}$/);
});
