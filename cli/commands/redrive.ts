import { defined } from '../../functions/shared/defined.ts';
import * as z from '../../functions/shared/schema.ts';
import type { CommandSpec } from '../frame/command.ts';
import { COMMENT_ROW } from '../frame/shared-rows.ts';
import { targetOf } from '../target/target.ts';
import { LETTER_ROWS, letterFilter } from './dead-letters.ts';

const redriven = z.object({
  moved: z.number(),
  refused: z.number(),
  isComplete: z.boolean(),
  leftEstimate: z.number(),
  before: z.string(),
});

export const redrive: CommandSpec = {
  name: 'redrive',
  group: 'Repair',
  summary: 'Sends dead letters back to their queues',
  about:
    'First remove the cause: docs/operations.md has an entry for each. Without a filter all are sent back.',
  options: [...LETTER_ROWS, COMMENT_ROW],
  hasTarget: true,
  printsJson: true,
  async run(given, world) {
    const filter = { ...letterFilter(given), ...defined({ comment: given.text('comment') }) };
    const call = await world.callerFor(targetOf(given));
    let moved = 0;
    let before: string | undefined;
    // Each call is bounded; the end is a call that moves nothing.
    for (;;) {
      const body = { ...filter, ...defined({ before }) };
      const answer = redriven.parse(await call({ method: 'POST', path: '/v1/dead-letters/redrive', body }));
      // A message that fails again meanwhile is not sent back a second time.
      before = answer.before;
      moved += answer.moved;
      if (!answer.isComplete && answer.moved > 0) continue;
      const { refused, isComplete, leftEstimate } = answer;
      const counts = `${moved} sent back, ${refused} refused, about ${leftEstimate} of any cause left`;
      world.print(given.has('json') ? JSON.stringify({ moved, refused, isComplete, leftEstimate }) : counts);
      return isComplete ? 0 : 1;
    }
  },
};
