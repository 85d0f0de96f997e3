import { beforeEach, describe, expect, it } from 'vitest';
import { createSourcesLoader } from '../../../functions/aws/sources.ts';
import { createHandler } from '../../../functions/handlers/index-instances/handler.ts';
import { SimulatedParameters } from '../../services/simulated-parameters.ts';
import { clientOf, directWire } from '../../services/wire.ts';
import { s3Event } from '../../support/s3-event.ts';
import { sqsEvent } from '../../support/world/delivery.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { ID, putSlices, slice } from '../../support/world/scans.ts';

const PATH = '/qure/sources/';
let logged: string[] = [];
beforeEach(() => {
  logged = [];
});

/** Over parameters of these texts. */
function load(documents: Record<string, string>) {
  const parameters = Object.entries(documents).map(([name, text]) => [PATH + name, text]);
  const client = clientOf(new SimulatedParameters(() => Object.fromEntries(parameters)), directWire);
  const clock = () => new Date('2026-03-01T00:00:00.000Z');
  return createSourcesLoader(client, PATH, clock, (_level, message) => logged.push(message));
}

describe('parameters whose prefixes overlap', () => {
  it.each<[string, Record<string, string>, string[], string[]]>([
    ['the same one', { a: '{}', b: '{"prefix":"a/"}' }, ['a/'], ['a/x', 'a/_COMPLETE', 'a/c/x']],
    ['one within the other', { a: '{}', b: '{"prefix":"a/b/"}' }, ['a/b/'], ['a/b/x']],
    ['one around the other', { a: '{"prefix":"org/a/"}', b: '{"prefix":"org/"}' }, ['org/a/'], ['org/a/x']],
    ['none, but alike in their letters', { a: '{}', b: '{"prefix":"A/"}', c: '{"prefix":"ab/"}' }, [], []],
  ])(
    '%s: leaves objects that both could own waiting, in either order',
    async (_name, parameters, contested, keys) => {
      const loader = load(parameters);
      const sources = await loader.loadSources();
      expect(sources).toHaveLength(Object.keys(parameters).length);
      expect(await loader.loadMisconfiguredPrefixes()).toEqual(contested);
      expect(logged.filter((message) => message.includes('prefixes overlap'))).toHaveLength(contested.length);
      // Whichever is matched first.
      for (const order of [sources, sources.toReversed()]) {
        const world = newWorld({ sources: order });
        for (const key of keys) world.drop.put(key, slice(1));
        const handler = createHandler({
          ...world.deps,
          loadMisconfiguredPrefixes: loader.loadMisconfiguredPrefixes,
        });
        const { batchItemFailures } = await handler(sqsEvent(keys.map((key) => s3Event(key))));
        expect(batchItemFailures).toHaveLength(keys.length);
        expect(world.quarantine.all()).toEqual([]);
        expect(world.series.all()).toEqual([]);
      }
    },
  );

  it('processes objects that only one of them owns', async () => {
    const loader = load({ default: '{"prefix":"default/"}', b: '{"prefix":"default/b/"}' });
    const world = newWorld({ sources: await loader.loadSources() });
    const [good = ''] = putSlices(world, 1);
    const handler = createHandler({
      ...world.deps,
      loadMisconfiguredPrefixes: loader.loadMisconfiguredPrefixes,
    });
    expect(await handler(sqsEvent([s3Event(good)]))).toEqual({ batchItemFailures: [] });
    expect(await world.instances.count(ID)).toBe(1);
  });
});

describe('drops while a source is left out', () => {
  it.each<[string, string, string[], 'waits' | 'quarantined']>([
    ['an object below its prefix', 'broken/a.dcm', ['broken/'], 'waits'],
    ['a marker below its prefix', 'broken/_COMPLETE', ['broken/'], 'waits'],
    ['an object below no prefix', 'elsewhere/a.dcm', ['broken/'], 'quarantined'],
    ['an object below no prefix, while the prefix of a source is unknown', 'elsewhere/a.dcm', [''], 'waits'],
    ['an object below no prefix, after the correction', 'broken/a.dcm', [], 'quarantined'],
  ])('%s', async (_name, key, misconfiguredPrefixes, outcome) => {
    const world = newWorld();
    world.drop.put(key, slice(1));
    const [good = ''] = putSlices(world, 1);
    const handler = createHandler({
      ...world.deps,
      loadMisconfiguredPrefixes: async () => misconfiguredPrefixes,
    });
    const { batchItemFailures } = await handler(sqsEvent([s3Event(key), s3Event(good)]));
    expect(batchItemFailures).toHaveLength(outcome === 'waits' ? 1 : 0);
    expect(world.quarantine.all().map(({ reason }) => reason)).toEqual(
      outcome === 'waits' ? [] : ['no_source'],
    );
    // The other source's object of the same batch is not held up.
    expect(await world.instances.count(ID)).toBe(1);
  });

  it('redelivers only the message of the waiting object', async () => {
    const world = newWorld();
    const [good = ''] = putSlices(world, 1);
    const event = sqsEvent([s3Event(good), s3Event('broken/a.dcm')]);
    const handler = createHandler({ ...world.deps, loadMisconfiguredPrefixes: async () => ['broken/'] });
    expect(await handler(event)).toEqual({
      batchItemFailures: [{ itemIdentifier: event.Records[1]?.messageId }],
    });
    expect(world.log).toContainEqual(expect.objectContaining({ fields: { objects: 1 } }));
    world.verify();
  });
});
