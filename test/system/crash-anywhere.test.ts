import { describe, expect, test } from 'vitest';
import type { Product } from '../../functions/qure/product.ts';
import { defined } from '../../functions/shared/defined.ts';
import { deliverAll } from '../support/world/delivery.ts';
import { FakeQure, type PlatformOptions } from '../support/world/fake-qure.ts';
import { newWorld } from '../support/world/new-world.ts';
import { stagesOf, sweepOf } from '../support/world/pipeline.ts';
import type { CallProbe } from '../support/world/port-calls.ts';
import { ID, putSlices, SERIES, STUDY, sopUid } from '../support/world/scans.ts';
import { index, seriesIn } from '../support/world/stages.ts';
import { credentialsOf, type World } from '../support/world/world.ts';

const START_COUNT = 10;

interface Story {
  name: string;
  platform?: PlatformOptions;
  product?: Product;
  /** One more instance comes when the series is in this state. */
  lateIn?: 'COMPUTING' | 'DONE';
  generation: number;
  /** How often Qure accepts when nothing dies, and at most when a function dies once. */
  acceptances: [number, number];
}

const STORIES: Story[] = [
  { name: 'a plain one', generation: 1, acceptances: [1, 1] },
  {
    name: 'through a 404 on results',
    platform: { losesFirstResult: true },
    generation: 1,
    acceptances: [2, 2],
  },
  // A lost answer to a recompute may cost a second one, never a result without the late instance.
  { name: 'a late instance while Qure computes', lateIn: 'COMPUTING', generation: 2, acceptances: [2, 3] },
  {
    name: 'a late instance while Qure computes for long',
    lateIn: 'COMPUTING',
    platform: { computeSeconds: 1200 },
    generation: 2,
    acceptances: [2, 3],
  },
  { name: 'a late instance after the result', lateIn: 'DONE', generation: 2, acceptances: [2, 3] },
  {
    name: 'a late instance while Qure computes, and then a 404',
    lateIn: 'COMPUTING',
    // Told when the result of the first generation is asked for before the second call.
    platform: { losesFirstResult: true },
    generation: 2,
    acceptances: [2, 4],
  },
  { name: 'X-rays', product: 'qXR', generation: 1, acceptances: [0, 0] },
  {
    name: 'X-rays through a 404 on results',
    product: 'qXR',
    platform: { losesFirstResult: true },
    generation: 1,
    acceptances: [0, 0],
  },
];

/** Plays a story to its end; the probe stands around the calls of the stages and of the sweep, not of the indexing. */
async function play({ platform, product, lateIn }: Story, probe: CallProbe) {
  const world = newWorld();
  // As a deployment by default: polls are learned.
  const { pollIntervalSeconds: _fixed, ...source } = world.source;
  world.sources = [{ ...source, ...defined({ product }) }];
  const qure = new FakeQure(world, platform);
  const consumers = [...stagesOf(world), sweepOf(world)];
  await index(world, putSlices(world, START_COUNT));
  Object.assign(world.probe, probe);
  if (lateIn !== undefined) {
    const until = () => world.series.all().some(({ state }) => state === lateIn);
    expect(await deliverAll(world, consumers, { until })).toEqual([]);
    Object.assign(world.probe, { before: undefined, after: undefined });
    await index(world, putSlices(world, 1, { from: START_COUNT + 1 }));
    Object.assign(world.probe, probe);
  }
  expect(await deliverAll(world, consumers, { maxDeliveries: 500 })).toEqual([]);
  return { world, qure };
}

/** What must hold at the end, whatever died on the way. */
async function expectDone(story: Story, world: World, qure: FakeQure, isSmooth: boolean) {
  const count = START_COUNT + (story.lateIn === undefined ? 0 : 1);
  const all = Array.from({ length: count }, (_, at) => `${sopUid(at + 1)}.dcm`).sort();
  const done = await seriesIn(world, 'DONE');
  expect(done).toMatchObject({ generation: story.generation, instances: count, outbox: [] });
  expect(done).not.toHaveProperty('dueAt');
  expect(world.sourceStates.of('default')).not.toHaveProperty('stop');
  const folder = `default/${STUDY}/${SERIES}/${story.generation}/`;
  expect(world.results.text(`${folder}compute.json`) !== undefined || story.acceptances[1] === 0).toBe(true);
  const [smooth, most] = story.acceptances;
  if (isSmooth) expect(qure.accepted).toHaveLength(smooth);
  else expect(qure.accepted.length).toBeLessThanOrEqual(most);
  expectCounted(world, isSmooth);
  const detailTypes = new Set(world.events.map(({ detailType }) => detailType));
  const superseded = story.lateIn === 'DONE' ? ['Series Superseded'] : [];
  expect([...detailTypes].sort()).toEqual([
    'Series Complete',
    'Series Computing',
    'Series Done',
    ...superseded,
  ]);
  if (story.product !== undefined) {
    for (const name of all)
      expect(done.resultFiles).toContain(`result.${name.slice(0, -'.dcm'.length)}.json`);
    return;
  }
  expect(qure.accepted.at(-1)?.instances).toEqual(all);
  const result: unknown = JSON.parse(world.results.text(`${folder}result.json`) ?? '');
  expect(result).toMatchObject({ instances: all });
  expect(done.resultFiles).toEqual(['result.json', 'findings.json', 'files/pdf/0']);
}

/** Each transition is counted once, however often its message came; at most the one that a function died after is missing. */
function expectCounted({ events, metrics }: World, isSmooth: boolean) {
  for (const [detailType, metric] of [
    ['Series Complete', 'SeriesCompleted'],
    ['Series Computing', 'SecondsToCompute'],
    ['Series Done', 'SeriesDone'],
    ['Series Done', 'SecondsToResult'],
  ] as const) {
    const ids = events.filter((event) => event.detailType === detailType).map(({ detail }) => detail.eventId);
    const transitions = new Set(ids).size;
    const counted = metrics.filter(({ name }) => name === metric).length;
    expect(counted, metric).toBeLessThanOrEqual(transitions);
    expect(counted, metric).toBeGreaterThanOrEqual(isSmooth ? transitions : transitions - 1);
  }
}

describe.each(STORIES)('$name', (story) => {
  test('is done', async () => {
    const { world, qure } = await play(story, {});
    await expectDone(story, world, qure, true);
  });

  test.each(['before', 'after'] as const)(
    'REQ-CRASH-1: is done though a function dies %s any one call',
    async (when) => {
      let calls = 0;
      await play(story, {
        before: () => {
          calls += 1;
        },
      });
      expect(calls).toBeGreaterThan(50);
      for (let at = 1; at <= calls; at += 1) {
        let left = at;
        let where = 'nowhere';
        const { world, qure } = await play(story, {
          [when]: ({ name }: { name: string }) => {
            left -= 1;
            if (left > 0 || where !== 'nowhere') return;
            where = name;
            throw new Error(`died ${when} call ${at}, ${name}`);
          },
        });
        try {
          await expectDone(story, world, qure, false);
        } catch (cause) {
          throw new Error(`a function died ${when} call ${at}, ${where}`, { cause });
        }
      }
    },
  );
});

test('each message comes in its time', async () => {
  const [story] = STORIES;
  if (story === undefined) throw new Error('expected a story');
  const { world } = await play(story, {});
  // 60 s of silence, 23 s to the first poll, and then 3, 4, 5 and 5 s, of a computation of 40 s.
  expect((await seriesIn(world, 'DONE')).changedAt).toBe('2026-03-01T08:01:40.000Z');
  expect(world.events.map(({ detailType }) => detailType)).toEqual([
    'Series Complete',
    'Series Computing',
    'Series Done',
  ]);
});

describe('a token that Qure rejects', () => {
  const MENDED_SOON = '2026-03-01T08:06:00.000Z';
  const REPAIRS = [
    { name: 'another one is put into the secret', isNewSecret: true },
    { name: 'Qure accepts the same one', isNewSecret: false },
  ];

  async function playRepair(isNewSecret: boolean, mendedAt: string, probe: CallProbe) {
    const world = newWorld();
    const isMended = () => world.clock.instant() >= mendedAt;
    const first = credentialsOf('default').token;
    const rejects = (token: string) => token === first && (isNewSecret || !isMended());
    const qure = new FakeQure(world, { rejects });
    const consumers = [...stagesOf(world), sweepOf(world)];
    await index(world, putSlices(world, 3));
    Object.assign(world.probe, probe);
    expect(await deliverAll(world, consumers, { until: isMended })).toEqual([]);
    const refusals = world.qure.uploads.calls.length;
    if (isNewSecret) world.credentials.set('default', credentialsOf('default', 2));
    expect(await deliverAll(world, consumers)).toEqual([]);
    return { world, qure, refusals };
  }

  test.each(REPAIRS)(
    'goes on by itself when $name; while it was refused Qure was asked seldom',
    async ({ isNewSecret }) => {
      const { world, qure, refusals } = await playRepair(isNewSecret, '2026-03-01T08:31:00.000Z', {});
      expect(await seriesIn(world, 'DONE')).toMatchObject({ generation: 1 });
      expect(qure.accepted).toHaveLength(1);
      expect(world.sourceStates.of('default')).not.toHaveProperty('stop');
      // Half an hour, one probe every two minutes, each with one request.
      expect(refusals).toBeGreaterThan(5);
      expect(refusals).toBeLessThanOrEqual(16);
    },
  );

  test.each(REPAIRS)('goes on though a function dies around any one call: $name', async ({ isNewSecret }) => {
    let calls = 0;
    await playRepair(isNewSecret, MENDED_SOON, {
      before: () => {
        calls += 1;
      },
    });
    for (let at = 1; at <= calls; at += 1) {
      for (const when of ['before', 'after'] as const) {
        let left = at;
        const { world, qure } = await playRepair(isNewSecret, MENDED_SOON, {
          [when]: ({ name }: { name: string }) => {
            left -= 1;
            if (left === 0) throw new Error(`died ${when} call ${at}, ${name}`);
          },
        });
        expect((await world.series.load(ID))?.state, `died ${when} call ${at}`).toBe('DONE');
        expect(qure.accepted).toHaveLength(1);
        expect(world.sourceStates.of('default')).not.toHaveProperty('stop');
      }
    }
  });
});
