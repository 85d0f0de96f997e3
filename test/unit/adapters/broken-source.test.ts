import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createSourcesLoader } from '../../../functions/adapters/sources.ts';
import type { LogFields } from '../../../functions/core/ports.ts';
import { createHandler } from '../../../functions/index-instances/handler.ts';
import { sqsEvent } from '../../support/world/delivery.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { ID, putSlices, slice } from '../../support/world/scans.ts';

const PATH = '/qure/sources/';
const ssm = mockClient(SSMClient);
let logged: { level: string; message: string; fields: LogFields }[] = [];
let seconds = 0;
beforeEach(() => {
  ssm.reset();
  logged = [];
  seconds = 0;
});

function load() {
  return createSourcesLoader(
    ssm as unknown as SSMClient,
    PATH,
    () => new Date(Date.UTC(2026, 2, 1) + seconds * 1000),
    (level, message, fields = {}) => logged.push({ level, message, fields }),
  );
}

function hold(parameters: Record<string, string>) {
  ssm.on(GetParametersByPathCommand).resolves({
    Parameters: Object.entries(parameters).map(([name, Value]) => ({ Name: PATH + name, Value })),
  });
}

describe('a parameter with mistakes', () => {
  it('comes back within 60 seconds of its correction', async () => {
    hold({ b: '{' });
    const { loadSources, loadBrokenPrefixes } = load();
    expect(await loadSources()).toEqual([]);
    hold({ b: '{}' });
    seconds = 60;
    expect(await loadSources()).toMatchObject([{ name: 'b', prefix: 'b/' }]);
    expect(await loadBrokenPrefixes()).toEqual([]);
  });

  it('is told of once for each reading', async () => {
    hold({ b: '{' });
    const { loadSources, loadBrokenPrefixes } = load();
    for (let look = 0; look < 3; look += 1) await Promise.all([loadSources(), loadBrokenPrefixes()]);
    expect(logged.length).toBeLessThanOrEqual(2);
    seconds = 60;
    const before = logged.length;
    await loadSources();
    expect(logged).toHaveLength(before + 1);
  });
});

describe('parameters whose prefixes overlap', () => {
  it.each<[string, Record<string, string>, string[], string[]]>([
    ['the same one', { a: '{}', b: '{"prefix":"a/"}' }, ['a/'], ['a/x', 'a/_COMPLETE', 'a/c/x']],
    ['one within the other', { a: '{}', b: '{"prefix":"a/b/"}' }, ['a/b/'], ['a/b/x']],
    ['one around the other', { a: '{"prefix":"org/a/"}', b: '{"prefix":"org/"}' }, ['org/a/'], ['org/a/x']],
    ['none, but alike in their letters', { a: '{}', b: '{"prefix":"A/"}', c: '{"prefix":"ab/"}' }, [], []],
  ])('%s: what both could own waits, whoever comes first', async (_name, parameters, contested, keys) => {
    for (const entries of [Object.entries(parameters), Object.entries(parameters).toReversed()]) {
      hold(Object.fromEntries(entries));
      const loader = load();
      const sources = await loader.loadSources();
      expect(sources).toHaveLength(entries.length);
      expect(await loader.loadBrokenPrefixes()).toEqual(contested);
      expect(logged.filter(({ message }) => message.includes('prefixes overlap'))).toHaveLength(
        contested.length,
      );
      const world = newWorld({ sources });
      for (const key of keys) world.drop.put(key, slice(1));
      const handler = createHandler({ ...world.deps, loadBrokenPrefixes: loader.loadBrokenPrefixes });
      const { batchItemFailures } = await handler(sqsEvent(keys.map(s3Event)));
      expect(batchItemFailures).toHaveLength(keys.length);
      expect(world.quarantine.all()).toEqual([]);
      expect(world.series.all()).toEqual([]);
      logged = [];
    }
  });

  it('what is of one of them alone goes on', async () => {
    hold({ default: '{"prefix":"default/"}', b: '{"prefix":"default/b/"}' });
    const loader = load();
    const world = newWorld({ sources: await loader.loadSources() });
    const [good = ''] = putSlices(world, 1);
    const handler = createHandler({ ...world.deps, loadBrokenPrefixes: loader.loadBrokenPrefixes });
    expect(await handler(sqsEvent([s3Event(good)]))).toEqual({ batchItemFailures: [] });
    expect(await world.instances.count(ID)).toBe(1);
  });
});

/** The body of an S3 event of one object. */
function s3Event(key: string): string {
  const s3 = { bucket: { name: 'drop' }, object: { key } };
  return JSON.stringify({ Records: [{ eventName: 'ObjectCreated:Put', s3 }] });
}

describe('drops while a source is left out', () => {
  it.each<[string, string, string[], 'waits' | 'quarantined']>([
    ['an object below its prefix', 'broken/a.dcm', ['broken/'], 'waits'],
    ['a marker below its prefix', 'broken/_COMPLETE', ['broken/'], 'waits'],
    ['an object of nobody', 'elsewhere/a.dcm', ['broken/'], 'quarantined'],
    ['an object of nobody, where its prefix cannot be told', 'elsewhere/a.dcm', [''], 'waits'],
    ['an object of nobody, after the correction', 'broken/a.dcm', [], 'quarantined'],
  ])('%s', async (_name, key, brokenPrefixes, outcome) => {
    const world = newWorld();
    world.drop.put(key, slice(1));
    const [good = ''] = putSlices(world, 1);
    const handler = createHandler({ ...world.deps, loadBrokenPrefixes: async () => brokenPrefixes });
    const { batchItemFailures } = await handler(sqsEvent([s3Event(key), s3Event(good)]));
    expect(batchItemFailures).toHaveLength(outcome === 'waits' ? 1 : 0);
    expect(world.quarantine.all().map(({ reason }) => reason)).toEqual(
      outcome === 'waits' ? [] : ['no_source'],
    );
    // The other source's object of the same batch is not held up.
    expect(await world.instances.count(ID)).toBe(1);
  });

  it('only the message of the waiting object comes again', async () => {
    const world = newWorld();
    const [good = ''] = putSlices(world, 1);
    const event = sqsEvent([s3Event(good), s3Event('broken/a.dcm')]);
    const handler = createHandler({ ...world.deps, loadBrokenPrefixes: async () => ['broken/'] });
    expect(await handler(event)).toEqual({
      batchItemFailures: [{ itemIdentifier: event.Records[1]?.messageId }],
    });
    expect(world.log).toContainEqual(expect.objectContaining({ fields: { objects: 1 } }));
    world.verify();
  });
});
