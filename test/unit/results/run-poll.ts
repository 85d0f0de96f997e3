import { createHandler } from '../../../functions/handlers/poll-results/handler.ts';
import type { ResultsMessage } from '../../../functions/series/messages.ts';
import { lambdaContext, sqsEvent } from '../../support/world/delivery.ts';
import type { World } from '../../support/world/world.ts';

/** One delivery of this message; throws when the handler reports it as failed. */
export async function runPoll(world: World, message: ResultsMessage): Promise<void> {
  const event = sqsEvent([JSON.stringify(message)]);
  const { batchItemFailures } = await createHandler(world.deps)(event, lambdaContext(world));
  if (batchItemFailures.length > 0) throw new Error('the message failed; it comes again');
}
