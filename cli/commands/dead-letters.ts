import { DEAD_LETTER_CAUSES } from '../../functions/shared/dead-letter-cause.ts';
import { defined } from '../../functions/shared/defined.ts';
import * as z from '../../functions/shared/schema.ts';
import { QUEUED_STAGES } from '../../functions/shared/stages.ts';
import type { CommandSpec } from '../frame/command.ts';
import type { Given } from '../frame/given.ts';
import type { OptionRow } from '../frame/option-row.ts';
import { limitRow } from '../frame/shared-rows.ts';
import { textTable } from '../output/text-table.ts';
import { targetOf } from '../target/target.ts';

/** Which dead letters: of the list, and of `redrive`. */
export const LETTER_ROWS: readonly OptionRow[] = [
  {
    name: 'stage',
    placeholder: 'S',
    value: { kind: 'choice', choices: QUEUED_STAGES },
    help: `only of this stage: ${QUEUED_STAGES.join(', ')}`,
  },
  {
    name: 'cause',
    placeholder: 'C',
    value: { kind: 'choice', choices: DEAD_LETTER_CAUSES },
    help: 'only of this cause; docs/operations.md has an entry for each',
  },
];

/** What `LETTER_ROWS` were given, as the API takes it. */
export function letterFilter(given: Given): { stage?: string; cause?: string } {
  return defined({ stage: given.text('stage'), cause: given.text('cause') });
}

const listing = z.object({
  items: z.array(
    z.object({
      stage: z.string(),
      cause: z.string(),
      messageId: z.string(),
      failedAt: z.optional(z.string()),
      receives: z.optional(z.number()),
      source: z.optional(z.string()),
      seriesInstanceUid: z.optional(z.string()),
      objects: z.optional(z.number()),
    }),
  ),
  counts: z.array(z.object({ stage: z.string(), cause: z.string(), count: z.number() })),
  isComplete: z.boolean(),
});

export const deadLetters: CommandSpec = {
  name: 'dead-letters',
  group: 'Repair',
  summary: 'Lists messages that failed, each with its cause',
  about: 'qure-dropoff redrive sends them back to their queues.',
  options: [...LETTER_ROWS, limitRow(100, 'list at most so many (default: 50)')],
  hasTarget: true,
  printsJson: true,
  async run(given, world) {
    const query = { ...letterFilter(given), ...defined({ limit: given.text('limit') }) };
    const call = await world.callerFor(targetOf(given));
    const answer = listing.parse(await call({ method: 'GET', path: '/v1/dead-letters', query }));
    const lines = given.has('json') ? [JSON.stringify(answer, null, 2)] : tableOf(answer);
    for (const line of lines) world.print(line);
    return 0;
  },
};

function tableOf({ items, counts, isComplete }: z.infer<typeof listing>): string[] {
  if (items.length === 0) return [isComplete ? 'no dead letters' : 'none found within the time of one call'];
  const rows = items.map((item) => [
    item.stage,
    item.cause,
    item.failedAt ?? '',
    String(item.receives ?? ''),
    item.source ?? '',
    item.seriesInstanceUid ?? (item.objects === undefined ? '' : `${item.objects} objects`),
    item.messageId,
  ]);
  return [
    ...textTable(['STAGE', 'CAUSE', 'FAILED AT', 'RECEIVES', 'SOURCE', 'SERIES', 'MESSAGE'], rows),
    '',
    ...textTable(
      ['STAGE', 'CAUSE', 'COUNT'],
      counts.map(({ stage, cause, count }) => [stage, cause, String(count)]),
    ),
    ...(isComplete ? [] : ['one call could not count all']),
  ];
}
