import * as z from 'zod';
import { defined } from '../../functions/shared/defined.ts';
import { UsageError } from '../options/usage-error.ts';
import { COMMON_HELP, placeOf, readOptions, textOf } from './command-line.ts';
import type { Command } from './run-command.ts';
import { textTable } from './text-table.ts';

const HELP = `npm run retry -- --reason R [options]

Retries every failed series of a reason, of a source, or of both.

  --reason R       for example qure_unavailable; docs/operations.md has an entry for each
  --source S       only of this source
  --state S        FAILED (default) or UNSUPPORTED
  --recompute      have Qure compute the same instances again
${COMMON_HELP}`;

const outcome = z.object({
  retried: z.number(),
  refused: z.number(),
  failed: z.number(),
  isComplete: z.boolean(),
  cursor: z.string().optional(),
});

/** `npm run retry` */
export const retry: Command = async (argv, world) => {
  const values = readOptions(argv, {
    reason: { type: 'string' },
    source: { type: 'string' },
    state: { type: 'string' },
    recompute: { type: 'boolean' },
  });
  if (values['help'] === true) {
    world.print(HELP);
    return 0;
  }
  const reason = textOf(values, 'reason');
  const source = textOf(values, 'source');
  const state = textOf(values, 'state') ?? 'FAILED';
  const problems = [
    ...(reason === undefined && source === undefined ? ['expected --reason or --source, got neither'] : []),
    ...(state === 'FAILED' || state === 'UNSUPPORTED' ? [] : ['--state: expected FAILED or UNSUPPORTED']),
  ];
  if (problems.length > 0) throw new UsageError(problems);
  const body = {
    state,
    ...defined({ reason, source }),
    ...(values['recompute'] === true ? { recompute: true } : {}),
  };
  const call = world.callerFor(placeOf(values));
  const sums = { retried: 0, refused: 0, failed: 0 };
  let cursor: string | undefined;
  do {
    const page = { ...body, ...defined({ cursor }) };
    const answer = outcome.parse(await call({ method: 'POST', path: '/v1/series/retry', body: page }));
    sums.retried += answer.retried;
    sums.refused += answer.refused;
    sums.failed += answer.failed;
    cursor = answer.cursor;
  } while (cursor !== undefined);
  const row = [sums.retried, sums.refused, sums.failed].map(String);
  const lines =
    values['json'] === true
      ? [JSON.stringify(sums)]
      : textTable(['RETRIED', 'REFUSED', 'FAILED TO BE RETRIED'], [row]);
  for (const line of lines) world.print(line);
  return sums.failed > 0 ? 1 : 0;
};
