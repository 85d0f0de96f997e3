import { handleLateArrival } from '../../../functions/completion/complete-series.ts';
import { createHandler } from '../../../functions/handlers/compute/handler.ts';
import { createHandler as createSweep } from '../../../functions/handlers/sweep/handler.ts';
import type { ComputeMessage } from '../../../functions/series/messages.ts';
import { finish } from '../../../functions/series/transitions.ts';
import { lambdaContext, sqsEvent } from '../../support/world/delivery.ts';
import { receivingQure, resultsAnswer } from '../../support/world/qure-answers.ts';
import { ID, putSlices } from '../../support/world/scans.ts';
import {
  ACCEPTED,
  completedSeries,
  computingSeries,
  index,
  lastOf,
  seriesIn,
} from '../../support/world/stages.ts';
import type { World } from '../../support/world/world.ts';

/** One delivery of this message, or of the last one sent; throws when the handler reports it as failed. */
export async function runCompute(
  world: World,
  message: ComputeMessage = lastOf(world.compute.sent),
): Promise<void> {
  const event = sqsEvent([JSON.stringify(message)]);
  const { batchItemFailures } = await createHandler(world.deps)(event, lambdaContext(world));
  if (batchItemFailures.length > 0) throw new Error('the message failed; it comes again');
}

/** A series whose upload goes well, and the message of its job. */
export async function uploaded(world: World, request: Parameters<typeof completedSeries>[1] = {}) {
  world.qure.uploads.always(receivingQure());
  return completedSeries(world, request);
}

/** A series that Qure has accepted once, complete again with one more instance. `isAnswered`: its results were stored before. */
export async function nextGeneration(world: World, isAnswered = true) {
  await computingSeries(world, { compute: ACCEPTED });
  if (isAnswered) {
    const done = finish(await seriesIn(world, 'COMPUTING'), { resultFiles: [] }, world.clock.instant());
    world.series.seed({ ...done, outbox: [] });
  } else {
    // Asked for before the next call: Qure still computes the generation before.
    world.qure.seriesResults.always(resultsAnswer(202));
  }
  await index(world, putSlices(world, 1, { from: 4 }));
  await handleLateArrival(world.deps, ID, world.source, 'marker');
  world.qure.uploads.always(receivingQure());
  return lastOf(world.compute.sent);
}

/** The sweep, when everything that nobody works on any more is due. */
export async function sweepLater(world: World): Promise<void> {
  world.clock.advance(300);
  await createSweep(world.deps)({}, lambdaContext(world));
}
