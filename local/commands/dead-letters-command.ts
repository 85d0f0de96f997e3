import * as z from 'zod';
import { DEAD_LETTER_CAUSES } from '../../functions/shared/dead-letter-cause.ts';
import { defined } from '../../functions/shared/defined.ts';
import { UsageError } from '../options/usage-error.ts';
import type { CallApi } from './call-api.ts';
import { COMMON_HELP, placeOf, readOptions, textOf } from './command-line.ts';
import type { Command, CommandWorld } from './run-command.ts';
import { textTable } from './text-table.ts';

const HELP = `npm run dead-letters -- [options]

Lists the dead letters, or redrives them: sends them back to their queues.

  --stage S        only of this stage: ingest, completion, compute, results, urgentCompute, urgentResults
  --cause C        only of this cause; docs/operations.md has an entry for each
  --redrive        redrive them; without it nothing is changed
  --limit N        list at most so many (1 to 100, default 50)
${COMMON_HELP}`;

const listing = z.object({
  items: z.array(
    z.object({
      stage: z.string(),
      cause: z.string(),
      messageId: z.string(),
      failedAt: z.string().optional(),
      receives: z.number().optional(),
      source: z.string().optional(),
      seriesInstanceUid: z.string().optional(),
      objects: z.number().optional(),
    }),
  ),
  counts: z.array(z.object({ stage: z.string(), cause: z.string(), count: z.number() })),
  isComplete: z.boolean(),
});
type Listing = z.infer<typeof listing>;

const redriven = z.object({
  moved: z.number(),
  refused: z.number(),
  isComplete: z.boolean(),
  leftEstimate: z.number(),
  before: z.string(),
});

/** `npm run dead-letters` */
export const deadLetters: Command = async (argv, world) => {
  const values = readOptions(argv, {
    stage: { type: 'string' },
    cause: { type: 'string' },
    redrive: { type: 'boolean' },
    limit: { type: 'string' },
  });
  if (values['help'] === true) {
    world.print(HELP);
    return 0;
  }
  const stage = textOf(values, 'stage');
  const cause = textOf(values, 'cause');
  if (cause !== undefined && !DEAD_LETTER_CAUSES.some((one) => one === cause))
    throw new UsageError([`--cause: expected one of ${DEAD_LETTER_CAUSES.join(', ')}`]);
  const limit = textOf(values, 'limit');
  if (limit !== undefined && !/^([1-9]\d?|100)$/.test(limit))
    throw new UsageError(['--limit: expected a number from 1 to 100']);
  if (limit !== undefined && values['redrive'] === true)
    throw new UsageError(['--limit: expected it without --redrive, which sends back all']);
  const filter = defined({ stage, cause });
  const call = world.callerFor(placeOf(values));
  const isJson = values['json'] === true;
  if (values['redrive'] === true) return redrive(call, filter, isJson, world);
  const query = { ...filter, ...defined({ limit }) };
  const answer = listing.parse(await call({ method: 'GET', path: '/v1/dead-letters', query }));
  for (const line of isJson ? [JSON.stringify(answer, null, 2)] : tableOf(answer)) world.print(line);
  return 0;
};

/** Repeats the call, because each is bounded; ends when a call moves nothing. */
async function redrive(
  call: CallApi,
  filter: Record<string, string>,
  isJson: boolean,
  world: CommandWorld,
): Promise<number> {
  let moved = 0;
  let before: string | undefined;
  for (;;) {
    const body = { ...filter, ...defined({ before }) };
    const answer = redriven.parse(await call({ method: 'POST', path: '/v1/dead-letters/redrive', body }));
    // A message that fails again meanwhile is not sent back a second time.
    before = answer.before;
    moved += answer.moved;
    if (!answer.isComplete && answer.moved > 0) continue;
    const { refused, isComplete, leftEstimate } = answer;
    const counts = `${moved} sent back, ${refused} refused, about ${leftEstimate} of any cause left`;
    world.print(isJson ? JSON.stringify({ moved, refused, isComplete, leftEstimate }) : counts);
    return isComplete ? 0 : 1;
  }
}

function tableOf({ items, counts, isComplete }: Listing): string[] {
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
