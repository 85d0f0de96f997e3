import { describe, expect, test } from 'vitest';
import { handleLateArrival } from '../../../functions/check-completion/complete-series.ts';
import { retry } from '../../../functions/core/retry.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { computeAnswer, receivingQure, resultsAnswer } from '../../support/world/qure-answers.ts';
import { ID, putSlices } from '../../support/world/scans.ts';
import { completedSeries, index, seriesIn } from '../../support/world/stages.ts';
import { credentialsOf } from '../../support/world/world.ts';
import { runCompute, uploaded } from './run-compute.ts';

describe('the circuit of a source', () => {
  test.each([
    { name: 'one 401', status: 401, refusals: 1, isOpen: true },
    { name: 'two 403', status: 403, refusals: 2, isOpen: false },
    { name: 'three 403', status: 403, refusals: 3, isOpen: true },
  ])('$name: open is $isOpen', async ({ status, refusals, isOpen }) => {
    const world = newWorld();
    // Of a series that belongs to nobody.
    if (isOpen && status === 403) world.qure.seriesResults.next(resultsAnswer(403));
    for (let time = 1; time <= refusals; time += 1) {
      const seriesInstanceUid = `1.2.${time}`;
      await index(
        world,
        putSlices(world, 1, { folder: `default/p${time}`, overrides: { seriesInstanceUid } }),
      );
      await handleLateArrival(world.deps, { source: 'default', seriesInstanceUid }, world.source, 'marker');
      world.qure.uploads.next(() => ({ kind: status === 401 ? 'auth_rejected' : 'source_denied' }));
      await runCompute(world);
    }
    expect((await world.circuits.load('default')).circuit !== undefined).toBe(isOpen);
  });

  test('an answer in between starts the count of 403 anew', async () => {
    const world = newWorld();
    await world.circuits.countDenial('default');
    await world.circuits.countDenial('default');
    await uploaded(world);
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    expect(await world.circuits.load('default')).toEqual({ denials: 0 });
  });

  test('while it is open nothing is called; with another secret all is', async () => {
    const world = newWorld();
    await completedSeries(world, { count: 1 });
    world.qure.uploads.next({ kind: 'auth_rejected' });
    await runCompute(world);
    const failed = await seriesIn(world, 'FAILED');
    const again = retry(failed, {}, world.source, world.clock.instant());
    if (again.kind === 'refused') throw new Error(again.why);
    world.series.seed(again.series);
    const message = { ...ID, ticket: again.series.ticket, tries: 0 };
    await runCompute(world, message);
    expect(world.qure.uploads.calls).toHaveLength(1);
    expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: 'auth_rejected' });
    world.credentials.set('default', credentialsOf('default', 2));
    world.series.seed(again.series);
    world.qure.uploads.next(receivingQure());
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world, message);
    expect(world.qure.computes.calls).toMatchObject([{ token: 'token-2-of-default' }]);
  });

  test('a secret that is not filled in opens it without a call', async () => {
    const world = newWorld();
    world.credentials.clear();
    await completedSeries(world);
    await runCompute(world);
    expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: 'auth_rejected' });
    expect((await world.circuits.load('default')).circuit).toMatchObject({ credentialsFingerprint: 'none' });
  });
});
