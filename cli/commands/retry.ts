import { VERDICT_REASONS } from '../../functions/qure/answer-facts.ts';
import { FAILURE_REASONS } from '../../functions/series/series-facts.ts';
import { defined } from '../../functions/shared/defined.ts';
import * as z from '../../functions/shared/schema.ts';
import type { CommandSpec, World } from '../frame/command.ts';
import type { Given } from '../frame/given.ts';
import { COMMENT_ROW, SOURCE_ROW } from '../frame/shared-rows.ts';
import { UID_OPERAND, uidProblems } from '../frame/uid-operand.ts';
import { textTable } from '../output/text-table.ts';
import { ApiCallError, type CallApi } from '../target/call-api.ts';
import { refuseUnknown, refuseUnknownSource } from '../target/known-names.ts';
import { targetOf } from '../target/target.ts';

const outcome = z.object({
  retried: z.number(),
  refused: z.number(),
  failed: z.number(),
  isComplete: z.boolean(),
  cursor: z.optional(z.string()),
});

const retriedSeries = z.object({ seriesInstanceUid: z.string(), state: z.string(), generation: z.number() });

export const retry: CommandSpec = {
  name: 'retry',
  group: 'Repair',
  summary: 'Retries series, or every failed series of a reason or a source',
  about: `  qure-dropoff retry --reason qure_unavailable       every series that failed for this reason
  qure-dropoff retry UID --recompute --comment why   one series again, as a new generation`,
  operand: {
    ...UID_OPERAND,
    least: 0,
    most: 100,
    help: 'SeriesInstanceUIDs; without one: by reason or source',
  },
  options: [
    {
      name: 'reason',
      placeholder: 'R',
      value: { kind: 'pattern', pattern: /^[a-z0-9_]{1,64}$/, what: 'a reason such as qure_unavailable' },
      help: 'for example qure_unavailable; docs/operations.md has an entry for each',
    },
    SOURCE_ROW,
    {
      name: 'state',
      placeholder: 'S',
      value: { kind: 'choice', choices: ['FAILED', 'UNSUPPORTED'] },
      help: 'FAILED or UNSUPPORTED (default: FAILED)',
    },
    { name: 'recompute', value: { kind: 'flag' }, help: 'have Qure compute the same instances again' },
    {
      name: 'product',
      placeholder: 'P',
      value: { kind: 'product' },
      help: 'send the given series to this product, whatever the rules say',
    },
    COMMENT_ROW,
  ],
  hasTarget: true,
  printsJson: true,
  check(given) {
    const isOfSeries = given.operands.length > 0;
    const bulk = ['reason', 'state'].filter((name) => given.has(name)).map((name) => `--${name}`);
    return [
      ...uidProblems(given),
      ...(isOfSeries && bulk.length > 0 ? [`expected UIDs or ${bulk.join(' and ')}, got both`] : []),
      ...(!isOfSeries && given.has('product') ? ['--product: expected it with UIDs only'] : []),
      ...(isOfSeries || given.isTyped('reason') || given.isTyped('source')
        ? []
        : ['expected --reason or --source, or UIDs, got none of them']),
    ];
  },
  async run(given, world) {
    const call = await world.callerFor(targetOf(given));
    return given.operands.length > 0 ? retryEach(given, call, world) : retryMany(given, call, world);
  },
};

async function retryEach(given: Given, call: CallApi, world: World): Promise<number> {
  const query = defined({ source: given.text('source') });
  const body = {
    ...(given.has('recompute') ? { recompute: true } : {}),
    ...defined({ product: given.text('product'), comment: given.text('comment') }),
  };
  const series: z.infer<typeof retriedSeries>[] = [];
  const problems: { seriesInstanceUid: string; problem: string }[] = [];
  for (const uid of given.operands) {
    const path = `/v1/series/${uid}/retry`;
    try {
      series.push(retriedSeries.parse(await call({ method: 'POST', path, query, body })));
    } catch (error) {
      // The API refuses this one; without an answer the others have none either.
      if (!(error instanceof ApiCallError) || error.status === undefined) throw error;
      problems.push({
        seriesInstanceUid: uid,
        problem: error.message.replace('send {"recompute": true}', 'use --recompute'),
      });
    }
  }
  const rows = series.map((one) => [one.seriesInstanceUid, one.state, String(one.generation)]);
  const lines = given.has('json')
    ? [JSON.stringify({ series, problems })]
    : rows.length === 0
      ? []
      : textTable(['SERIES', 'STATE', 'GENERATION'], rows);
  for (const line of lines) world.print(line);
  for (const { seriesInstanceUid, problem } of problems)
    world.note(`qure-dropoff: ${seriesInstanceUid}: ${problem}`);
  return problems.length > 0 ? 1 : 0;
}

async function retryMany(given: Given, call: CallApi, world: World): Promise<number> {
  const body = {
    state: given.text('state') ?? 'FAILED',
    ...defined({
      reason: given.text('reason'),
      source: given.text('source'),
      comment: given.text('comment'),
    }),
    ...(given.has('recompute') ? { recompute: true } : {}),
  };
  const sums = { retried: 0, refused: 0, failed: 0 };
  let cursor: string | undefined;
  do {
    const page = { ...body, ...defined({ cursor }) };
    const request = { method: 'POST', path: '/v1/series/retry', body: page } as const;
    const answer = outcome.parse(await call(request).catch((error) => refuse(error, given, call)));
    sums.retried += answer.retried;
    sums.refused += answer.refused;
    sums.failed += answer.failed;
    cursor = answer.cursor;
  } while (cursor !== undefined);
  const row = [sums.retried, sums.refused, sums.failed].map(String);
  const lines = given.has('json')
    ? [JSON.stringify(sums)]
    : textTable(['RETRIED', 'REFUSED', 'FAILED TO BE RETRIED'], [row]);
  for (const line of lines) world.print(line);
  return sums.failed > 0 ? 1 : 0;
}

/** What the API refuses for a name that is not known is told as the other mistakes of a command line. */
async function refuse(error: unknown, given: Given, call: CallApi): Promise<never> {
  if (error instanceof ApiCallError && (error.status === 400 || error.status === 404)) {
    refuseUnknown('reason', given.text('reason'), [...FAILURE_REASONS, ...VERDICT_REASONS]);
    await refuseUnknownSource(call, given.text('source'));
  }
  throw error;
}
