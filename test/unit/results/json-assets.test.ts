import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { newWorld } from '../../support/world/new-world.ts';
import { asset, resultBody, resultsAnswer } from '../../support/world/qure-answers.ts';
import { SERIES, STUDY } from '../../support/world/scans.ts';
import { computingSeries, seriesIn } from '../../support/world/stages.ts';
import type { World } from '../../support/world/world.ts';
import { runPoll } from './run-poll.ts';

const NODULE = (number: number) => JSON.stringify({ findings: [{ name: `NODULE_${number}`, score: 0.5 }] });

/** A chest CT with so many JSON assets is DONE; answers its `findings.json`. */
async function findingsWith(world: World, count: number, answer?: unknown) {
  const message = await computingSeries(world, { product: 'qCT' });
  const json = Array.from({ length: count }, (_one, number) => `https://assets.example/${number}`);
  const body = { ...resultBody({ json }), usecase: 'qct' };
  const result = answer === undefined ? body.result : { ...body.result, ...(answer as object) };
  world.qure.seriesResults.always(resultsAnswer(200, { ...body, result }));
  await runPoll(world, message);
  await seriesIn(world, 'DONE');
  return JSON.parse(world.results.text(`default/${STUDY}/${SERIES}/1/findings.json`) ?? '') as {
    findings: { key: string }[];
    omittedAssets?: number;
  };
}

function numberOf(url: string): number {
  return Number(url.split('/').at(-1));
}

test('REQ-USE-1: reads the findings of all JSON assets, in the order of their numbers', async () => {
  const world = newWorld();
  world.qure.assets.always(({ url }) => asset(NODULE(numberOf(url))));
  const { findings, omittedAssets } = await findingsWith(world, 12);
  expect(findings.map(({ key }) => key)).toEqual(
    Array.from({ length: 12 }, (_one, number) => `NODULE_${number}`),
  );
  expect(omittedAssets).toBeUndefined();
});

test('counts the JSON assets beyond the bound', async () => {
  const world = newWorld();
  world.qure.assets.always(({ url }) => asset(NODULE(numberOf(url))));
  const { findings, omittedAssets } = await findingsWith(world, 67);
  expect(findings).toHaveLength(64);
  expect(findings.at(-1)?.key).toBe('NODULE_63');
  expect(omittedAssets).toBe(3);
});

test('counts a JSON asset that is too large, and reads the others', async () => {
  const world = newWorld();
  const large = () => Readable.from([Buffer.alloc(16 * 1024 * 1024 + 1, ' ')]);
  world.qure.assets.always(({ url }) =>
    numberOf(url) === 0 ? { kind: 'asset', stream: large() } : asset(NODULE(numberOf(url))),
  );
  const { findings, omittedAssets } = await findingsWith(world, 3);
  expect(findings.map(({ key }) => key)).toEqual(['NODULE_1', 'NODULE_2']);
  expect(omittedAssets).toBe(1);
});

test('counts none where the findings are in the answer itself', async () => {
  const world = newWorld();
  world.qure.assets.always(({ url }) => asset(NODULE(numberOf(url))));
  const { findings, omittedAssets } = await findingsWith(world, 67, { scores: { EMPHYSEMA: 0.2 } });
  expect(findings).toMatchObject([{ key: 'EMPHYSEMA' }]);
  expect(omittedAssets).toBeUndefined();
});
