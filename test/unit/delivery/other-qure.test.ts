import { describe, expect, test } from 'vitest';
import { handleLateArrival } from '../../../functions/completion/complete-series.ts';
import { createHandler as createSweep } from '../../../functions/handlers/sweep/handler.ts';
import { ADDRESS_LOADED_SECONDS } from '../../../functions/series/bring-anew.ts';
import { retry } from '../../../functions/series/retry.ts';
import { deliverAll, lambdaContext } from '../../support/world/delivery.ts';
import { FakeQure } from '../../support/world/fake-qure.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { stagesOf, sweepOf } from '../../support/world/pipeline.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import {
  asset,
  brokenAsset,
  computeAnswer,
  receivingQure,
  resultBody,
  resultsAnswer,
} from '../../support/world/qure-answers.ts';
import { QureScript } from '../../support/world/qure-script.ts';
import { ID, putSlices, SERIES, STUDY } from '../../support/world/scans.ts';
import { completedSeries, index, lastOf, seriesIn } from '../../support/world/stages.ts';
import { sourceNamed, type World } from '../../support/world/world.ts';
import { runPoll } from '../results/run-poll.ts';
import { runCompute, sweepLater } from './run-compute.ts';

/** Two Qures behind one source; `use` is what a person does who edits its secret. */
function twoQures(world: World) {
  const qures = { real: qureOf(world), other: qureOf(world) };
  const use = (name: keyof typeof qures) => {
    const { script } = qures[name];
    world.credentials.set('default', {
      baseUrl: `https://${name}.example/api`,
      token: `token-${name}`,
      source: name,
    });
    world.qure.uploads.always((call) => script.uploads.answer(call));
    world.qure.computes.always((call) => script.computes.answer(call));
    world.qure.seriesResults.always((call) => script.seriesResults.answer(call));
    world.qure.instanceResults.always((call) => script.instanceResults.answer(call));
    world.qure.assets.always(() => asset(`pdf of ${name}`));
  };
  use('real');
  return { ...qures, use };
}

function qureOf({ clock }: World) {
  const script = new QureScript();
  return { script, platform: new FakeQure({ qure: script, clock }) };
}

async function comeLate(world: World, from: number) {
  await index(world, putSlices(world, 1, { from }));
  await handleLateArrival(world.deps, ID, world.source, 'marker');
}

async function recompute(world: World) {
  const now = world.clock.instant();
  const retried = retry(await seriesIn(world, 'DONE'), { recompute: true }, world.source, now);
  if (retried.kind === 'refused') throw new Error(retried.why);
  world.series.seed(retried.series);
  await runCompute(world, { ...ID, ticket: retried.series.ticket, tries: 0 });
}

/** Everything that is to happen, to the result. */
async function rest(world: World) {
  await deliverAll(world, [...stagesOf(world), sweepOf(world)]);
  return seriesIn(world, 'DONE');
}

/** The stored result of the series, once all is done. */
async function resultOf(world: World) {
  const { generation, instances } = await rest(world);
  const folder = `default/${STUDY}/${SERIES}/${generation}/`;
  const { instances: computed } = JSON.parse(world.results.text(`${folder}result.json`) ?? '');
  return {
    generation,
    instances,
    computed: computed.length,
    pdf: world.results.text(`${folder}files/pdf/0`),
  };
}

describe('a source gets another Qure', () => {
  test('and the first one back: the result of fewer images that it still has is none of the present ones', async () => {
    const world = newWorld();
    const { use } = twoQures(world);
    await completedSeries(world);
    await rest(world);
    use('other');
    await comeLate(world, 4);
    expect(await resultOf(world)).toMatchObject({ instances: 4, computed: 4, pdf: 'pdf of other' });
    use('real');
    await recompute(world);
    expect(await resultOf(world)).toMatchObject({ instances: 4, computed: 4, pdf: 'pdf of real' });
  });

  test('and the first one back, while the other computes: the first one is not asked for what it was not given', async () => {
    const world = newWorld();
    const { use } = twoQures(world);
    await completedSeries(world);
    await runCompute(world);
    use('other');
    await comeLate(world, 4);
    await runCompute(world);
    await runCompute(world);
    await seriesIn(world, 'COMPUTING');
    use('real');
    world.clock.advance(60);
    await createSweep(world.deps)({ everything: true }, lambdaContext(world));
    expect(await resultOf(world)).toMatchObject({ instances: 4, computed: 4, pdf: 'pdf of real' });
  });

  test('and the first one back, killed before the call: what the other registered does not count', async () => {
    const world = newWorld();
    const { use, real } = twoQures(world);
    const message = await completedSeries(world);
    breakCalls(world.probe, 'qure.compute', 'before');
    await expect(runCompute(world, message)).rejects.toThrow('the message failed');
    use('other');
    await comeLate(world, 4);
    await runCompute(world);
    breakCalls(world.probe, 'qure.compute', 'before');
    await expect(runCompute(world)).rejects.toThrow('the message failed');
    await seriesIn(world, 'UPLOADING');
    use('real');
    await createSweep(world.deps)({ everything: true }, lambdaContext(world));
    expect(await resultOf(world)).toMatchObject({ instances: 4, computed: 4, pdf: 'pdf of real' });
    expect(real.platform.accepted.map(({ instances }) => instances.length)).toEqual([4]);
  });

  test('while the assets of a result are fetched: none of the old one is stored as one of the new', async () => {
    const world = newWorld();
    const files = { pdf: ['https://a.example/0'], sc: ['https://a.example/1'] };
    const saidBy = (model: string) => {
      const body = resultBody(files, 'routine');
      return resultsAnswer(200, { ...body, result: { ...body.result, qure_model_version: model } });
    };
    world.qure.uploads.always(receivingQure());
    world.qure.computes.always(computeAnswer(200));
    await runCompute(world, await completedSeries(world));
    world.qure.seriesResults.always(saidBy('simulator'));
    world.qure.assets.always(({ url }) => (url.endsWith('/0') ? asset('SIMULATED') : brokenAsset()));
    await runPoll(world, lastOf(world.polls.sent));
    await seriesIn(world, 'COMPUTING');
    world.credentials.set('default', {
      baseUrl: 'https://real.example',
      token: 'token-real',
      source: 'real',
    });
    world.qure.seriesResults.always(saidBy('3.1'));
    world.qure.assets.always(() => asset('of the real one'));
    const { generation, modelVersion } = await rest(world);
    expect(modelVersion).toBe('3.1');
    for (const file of ['pdf/0', 'sc/0'])
      expect(world.results.text(`default/${STUDY}/${SERIES}/${generation}/files/${file}`)).toBe(
        'of the real one',
      );
  });

  test('everything is sent and computed as the next generation, which says why; nothing was superseded', async () => {
    const world = newWorld();
    const { use, other } = twoQures(world);
    await completedSeries(world);
    await runCompute(world);
    use('other');
    await runPoll(world, lastOf(world.polls.sent));
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({
      generation: 2,
      earlierGenerations: [{ generation: 1, state: 'COMPUTING', leftFor: 'other_qure' }],
    });
    expect(world.compute.sent.at(-1)?.delaySeconds).toBe(ADDRESS_LOADED_SECONDS);
    expect(await rest(world)).toMatchObject({ generation: 2, accepted: { generation: 2 } });
    expect(other.script.uploads.calls.flatMap(({ files }) => files)).toHaveLength(3);
    expect(other.script.computes.calls).toHaveLength(1);
    expect(world.metrics.filter(({ name }) => name === 'SeriesCompleted')).toHaveLength(1);
    const types = world.events.map(({ detailType }) => detailType);
    expect(types.filter((type) => type === 'Series Done')).toHaveLength(1);
    expect(types).not.toContain('Series Superseded');
  });

  test('a result of the old one is superseded by that of the new one', async () => {
    const world = newWorld();
    const { use } = twoQures(world);
    await completedSeries(world);
    await rest(world);
    use('other');
    await recompute(world);
    const { generation } = await rest(world);
    expect(world.events.at(-1)).toMatchObject({
      detailType: 'Series Superseded',
      detail: { generation: 1, supersededBy: generation },
    });
  });

  test.each(['upload', 'external'] as const)(
    'a run that dies before it leaves its message: %s',
    async (delivery) => {
      const world = newWorld({ sources: [sourceNamed('default', { delivery })] });
      const { use, other } = twoQures(world);
      world.qure.seriesResults.always(resultsAnswer(202));
      world.qure.computes.always(computeAnswer(200));
      await completedSeries(world);
      await runCompute(world);
      use('other');
      breakCalls(world.probe, 'queues.sendCompute', 'before');
      await expect(runPoll(world, lastOf(world.polls.sent))).rejects.toThrow('the message failed');
      await seriesIn(world, 'COMPLETE');
      if (delivery === 'external') {
        other.script.seriesResults.always(resultsAnswer(202));
        other.script.computes.always(computeAnswer(200));
      }
      await sweepLater(world);
      await runCompute(world);
      expect(await seriesIn(world, 'COMPUTING')).toMatchObject({
        generation: 2,
        accepted: { generation: 2 },
      });
      expect(other.script.computes.calls).toHaveLength(1);
      expect(other.script.uploads.calls.length > 0).toBe(delivery === 'upload');
    },
  );

  test('which is asked for the earlier result first, and computes again', async () => {
    const world = newWorld();
    const { use, real } = twoQures(world);
    await completedSeries(world);
    await rest(world);
    use('other');
    await recompute(world);
    await rest(world);
    use('real');
    await recompute(world);
    await rest(world);
    expect(real.script.computes.calls).toMatchObject([{ recompute: false }, { recompute: true }]);
    expect(real.platform.accepted).toHaveLength(2);
  });

  test('whose answer of before is known by that, and is not taken for the new one', async () => {
    const world = newWorld();
    const OLD = resultsAnswer(200, resultBody({}, 'routine'));
    const NEW = resultsAnswer(200, resultBody({}, 'critical'));
    world.qure.uploads.always(receivingQure());
    world.qure.computes.always(computeAnswer(200));
    await completedSeries(world);
    await runCompute(world);
    world.credentials.set('default', { baseUrl: 'https://other.example', token: 'token-other', source: 'b' });
    await runPoll(world, lastOf(world.polls.sent));
    world.qure.seriesResults.next(OLD, OLD).always(NEW);
    await runCompute(world);
    expect(await rest(world)).toMatchObject({ generation: 2, triageStatus: 'critical' });
  });

  test.each([
    { what: 'that computes without a call', source: { compute: 'automatic' }, product: 'qER' },
    { what: 'for an X-ray', source: {}, product: 'qXR' },
  ] as const)(
    '$what: its first answer may be of before, and counts after a wait',
    async ({ source, product }) => {
      const world = newWorld({
        sources: [sourceNamed('default', { ...source, resultsTimeoutSeconds: 400 })],
      });
      const OLD = resultsAnswer(200, resultBody({}, 'routine'));
      const NEW = resultsAnswer(200, resultBody({}, 'critical'));
      let said = resultsAnswer(202);
      world.qure.uploads.always(receivingQure());
      world.qure.seriesResults.always(() => said);
      world.qure.instanceResults.always(() => said);
      await completedSeries(world, { product, count: 1 });
      await runCompute(world);
      world.credentials.set('default', {
        baseUrl: 'https://other.example',
        token: 'token-other',
        source: 'b',
      });
      await runPoll(world, lastOf(world.polls.sent));
      await runCompute(world);
      said = OLD;
      const startedAt = world.clock.nowMs();
      await runPoll(world, lastOf(world.polls.sent));
      await seriesIn(world, 'COMPUTING');
      said = NEW;
      expect(await rest(world)).toMatchObject({ generation: 2, triageStatus: 'critical' });
      if (product === 'qXR') expect(world.clock.nowMs() - startedAt).toBeGreaterThanOrEqual(100_000);
    },
  );
});

describe('it is the same Qure', () => {
  const SAME = { baseUrl: 'https://qure.example/api', token: 'token', source: 'hospital' };
  const LOCAL = { ...SAME, baseUrl: 'http://127.0.0.1:4711/api' };
  test.each([
    { what: 'with another token', before: SAME, after: { ...SAME, token: 'renewed' } },
    {
      what: 'whose base URL is written in another way',
      before: SAME,
      after: { ...SAME, baseUrl: 'https://QURE.example:443/api/' },
    },
    {
      what: 'on another loopback port',
      before: LOCAL,
      after: { ...LOCAL, baseUrl: 'http://localhost:4712/api' },
    },
  ])('$what: nothing is sent again', async ({ before, after }) => {
    const world = newWorld();
    world.credentials.set('default', before);
    world.qure.uploads.always(receivingQure());
    world.qure.computes.always(computeAnswer(200));
    await completedSeries(world);
    await runCompute(world);
    world.credentials.set('default', after);
    const uploads = world.qure.uploads.calls.length;
    world.qure.seriesResults.always(resultsAnswer(200, resultBody({}, 'routine')));
    expect(await rest(world)).toMatchObject({ generation: 1, uploadRound: 1 });
    expect(world.qure.uploads.calls).toHaveLength(uploads);
  });

  test('in rows of earlier versions, which do not say which', async () => {
    const world = newWorld();
    world.qure.uploads.always(receivingQure());
    world.qure.computes.always(computeAnswer(200));
    await completedSeries(world);
    await runCompute(world);
    const { workspace: _absent, ...row } = await seriesIn(world, 'COMPUTING');
    world.series.seed(row);
    world.qure.seriesResults.always(resultsAnswer(200, resultBody({}, 'routine')));
    expect(await rest(world)).toMatchObject({ generation: 1, uploadRound: 1 });
  });

  test.each([
    ['another port', 'https://qure.example:444/api', 'hospital'],
    ['another path', 'https://qure.example/other', 'hospital'],
    ['another Source', 'https://qure.example/api', 'other'],
    ['a Qure of this machine', 'http://127.0.0.1:4711/api', 'hospital'],
  ])('not with %s', async (_what, baseUrl, source) => {
    const world = newWorld();
    world.credentials.set('default', SAME);
    world.qure.uploads.always(receivingQure());
    world.qure.computes.always(computeAnswer(200));
    await completedSeries(world);
    await runCompute(world);
    world.credentials.set('default', { ...SAME, baseUrl, source });
    await runPoll(world, lastOf(world.polls.sent));
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ generation: 2, uploadRound: 2 });
  });
});
