import { expect, test } from 'vitest';
import { handleLateArrival } from '../../../functions/completion/complete-series.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { computeAnswer, receivingQure, resultsAnswer } from '../../support/world/qure-answers.ts';
import { ID, putSlices } from '../../support/world/scans.ts';
import { ACCEPTED, computingSeries, index, lastOf, seriesIn } from '../../support/world/stages.ts';
import { runPoll } from '../results/run-poll.ts';
import { runCompute } from './run-compute.ts';

test('a late instance after a 404 is asked for as a later generation, should Qure have lost less than it says', async () => {
  const world = newWorld();
  const message = await computingSeries(world, { compute: ACCEPTED });
  const callIntent = { generation: 1, at: world.clock.instant() };
  world.series.seed({ ...(await seriesIn(world, 'COMPUTING')), callIntent });
  world.qure.seriesResults.next(resultsAnswer(404));
  await runPoll(world, message);
  await index(world, putSlices(world, 4));
  await handleLateArrival(world.deps, ID, world.source, 'marker');
  world.qure.seriesResults.next(resultsAnswer(404));
  world.qure.uploads.always(receivingQure());
  world.qure.computes.always(computeAnswer(200));
  await runCompute(world, lastOf(world.compute.sent));
  expect(await seriesIn(world, 'COMPUTING')).toMatchObject({ generation: 2, instances: 4 });
  expect(world.qure.computes.calls.at(-1)).toMatchObject({ recompute: true });
});
