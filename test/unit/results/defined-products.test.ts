import { expect, test } from 'vitest';
import type { ProductDefinition } from '../../../functions/qure/product.ts';
import { deliverAll } from '../../support/world/delivery.ts';
import { FakeQure } from '../../support/world/fake-qure.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { stagesOf, sweepOf } from '../../support/world/pipeline.ts';
import { putSlices, sopUid } from '../../support/world/scans.ts';
import { computingSeries, index, lastOf, seriesIn } from '../../support/world/stages.ts';
import { sourceNamed } from '../../support/world/world.ts';
import { runCompute, uploaded } from '../delivery/run-compute.ts';
import { runPoll } from './run-poll.ts';

test.each<{ definition: ProductDefinition; computeCalls: number; resultFile: string }>([
  {
    definition: { name: 'qER-CTA', results: 'series', compute: true },
    computeCalls: 1,
    resultFile: 'result.json',
  },
  {
    definition: { name: 'qSpine', results: 'instance', compute: false },
    computeCalls: 0,
    resultFile: `result.${sopUid(1)}.json`,
  },
])(
  'a series for $definition.name is uploaded, computed and stored',
  async ({ definition, computeCalls, resultFile }) => {
    const source = sourceNamed('default', { products: [definition], product: definition.name });
    const world = newWorld({ sources: [source] });
    const qure = new FakeQure(world);
    await index(world, putSlices(world, 2));
    expect(await deliverAll(world, [...stagesOf(world), sweepOf(world)])).toEqual([]);
    const done = await seriesIn(world, 'DONE');
    expect(done).toMatchObject({ product: definition.name });
    expect(done.resultFiles).toContain(resultFile);
    expect(qure.accepted).toHaveLength(computeCalls);
  },
);

test('a poll for a product without a definition waits, and continues when it is defined again', async () => {
  const products = [{ name: 'qER-CTA', results: 'series' as const, compute: true }];
  const world = newWorld({ sources: [sourceNamed('default', { products })] });
  const message = await computingSeries(world, { product: 'qER-CTA' });
  const before = await seriesIn(world, 'COMPUTING');
  world.sources = [sourceNamed('default')];
  await expect(runPoll(world, message)).rejects.toThrow('comes again');
  expect(world.log.at(-1)?.fields).toMatchObject({
    error: expect.stringMatching(/UnknownProductError/),
  });
  expect(await seriesIn(world, 'COMPUTING')).toEqual(before);
  world.sources = [sourceNamed('default', { products })];
  world.qure.seriesResults.next({ kind: 'unsupported', reason: 'a scan of something else', digest: 'd' });
  await runPoll(world, message);
  await seriesIn(world, 'UNSUPPORTED');
});

test('nothing is uploaded for a product without a definition', async () => {
  const products = [{ name: 'qER-CTA', results: 'series' as const, compute: true }];
  const world = newWorld({ sources: [sourceNamed('default', { products })] });
  await uploaded(world, { product: 'qER-CTA' });
  world.sources = [sourceNamed('default')];
  await expect(runCompute(world)).rejects.toThrow('comes again');
  expect(world.qure.uploads.calls).toEqual([]);
  expect(lastOf(world.compute.sent)).toBeDefined();
});
