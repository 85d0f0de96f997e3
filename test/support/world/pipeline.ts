import { createHandler as checkCompletion } from '../../../functions/handlers/check-completion/handler.ts';
import { createHandler as compute } from '../../../functions/handlers/compute/handler.ts';
import { createHandler as pollResults } from '../../../functions/handlers/poll-results/handler.ts';
import { createHandler as sweep } from '../../../functions/handlers/sweep/handler.ts';
import { SimulatedQueue } from '../../services/queue/simulated-queue.ts';
import { type Consumer, lambdaContext } from './delivery.ts';
import type { World } from './world.ts';

/** The stages behind their queues. */
export function stagesOf(world: World): Consumer[] {
  return [
    { queue: world.completion.waiting, handler: checkCompletion(world.deps) },
    { queue: world.compute.waiting, handler: compute(world.deps) },
    { queue: world.polls.waiting, handler: pollResults(world.deps) },
  ];
}

const SWEEP_SECONDS = 60;

/**
 * The schedule of the sweep as a queue: each run is followed by another one a minute later, as long as a series, a
 * message or a stopped source is there to look after. A run that dies is followed by the next one too.
 */
export function sweepOf(world: World): Consumer {
  const queue = new SimulatedQueue({ name: 'sweep', now: world.clock.nowMs, random: () => 0 }, undefined);
  const again = () => queue.send('{}', { delaySeconds: SWEEP_SECONDS });
  again();
  const handler = sweep(world.deps);
  return {
    queue,
    async handler() {
      await handler({}, lambdaContext(world)).catch(() => undefined);
      if (hasWork(world)) again();
      return { batchItemFailures: [] };
    },
  };
}

function hasWork(world: World): boolean {
  return (
    [world.completion, world.compute, world.polls].some(
      ({ waiting }) => waiting.nextVisibleAt() !== undefined,
    ) || world.series.all().some(({ dueAt }) => dueAt !== undefined)
  );
}
