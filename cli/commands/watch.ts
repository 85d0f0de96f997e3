import { setTimeout as sleep } from 'node:timers/promises';
import { FINAL_STATES, SERIES_STATES } from '../../functions/series/series-facts.ts';
import { defined } from '../../functions/shared/defined.ts';
import * as z from '../../functions/shared/schema.ts';
import { createProgress } from '../../local/progress/create-progress.ts';
import type { SeriesItem } from '../../local/report.ts';
import type { CommandSpec } from '../frame/command.ts';
import { SOURCE_ROW } from '../frame/shared-rows.ts';
import { ACCESSION_ROW, scanProblems, UID_OR_ACCESSION } from '../frame/uid-operand.ts';
import { type FoundScan, findGivenScan, findScan, UnknownScanError } from '../target/find-scan.ts';
import { targetOf } from '../target/target.ts';

/** What the lines show; the others of the API pass through. */
const shown = z.looseObject({
  source: z.string(),
  studyInstanceUid: z.string(),
  seriesInstanceUid: z.string(),
  state: z.enum(SERIES_STATES),
  generation: z.number(),
  instances: z.number(),
  reason: z.optional(z.string()),
});

const DEFAULT_INTERVAL_SECONDS = 2;

const NOT_THERE = 'The time is over: what was named is not all there yet.';

export const watch: CommandSpec = {
  name: 'watch',
  group: 'Results',
  summary: 'Follows series or studies live, until each is final or has a given state',
  about: `  0: each series has reached the state (default: a final one that is not FAILED)
  1: a series FAILED, or --timeout is over; what was reached is shown
What is not known yet is waited for, so that it can be watched before it is dropped.`,
  operand: { ...UID_OR_ACCESSION, most: 100 },
  options: [
    ACCESSION_ROW,
    SOURCE_ROW,
    {
      name: 'until',
      placeholder: 'S',
      value: { kind: 'choices', choices: SERIES_STATES },
      help: `until each has one of these states (default: ${FINAL_STATES.join(', ')})`,
    },
    {
      name: 'timeout',
      placeholder: 'SECONDS',
      value: { kind: 'seconds' },
      help: 'end with 1 after this time (default: never)',
    },
    {
      name: 'interval',
      placeholder: 'SECONDS',
      value: { kind: 'seconds' },
      help: `time between two looks (default: ${DEFAULT_INTERVAL_SECONDS})`,
    },
  ],
  hasTarget: true,
  printsJson: true,
  check: scanProblems,
  async run(given, world) {
    const call = await world.callerFor(targetOf(given));
    const query = defined({ source: given.text('source') });
    const wanted = new Set(given.text('until')?.split(',') ?? FINAL_STATES);
    const isJson = given.has('json');
    const progress = createProgress({
      stream: isJson ? { write: () => true } : process.stdout,
      env: world.env,
      now: () => world.now(),
    });
    const deadlineMs = world.now().getTime() + (given.number('timeout') ?? Number.POSITIVE_INFINITY) * 1000;
    const seen = new Map<string, string>();
    const looks = given.isTyped('accession')
      ? [() => findGivenScan(call, given)]
      : given.operands.map((uid) => () => findScan(call, uid, query));
    try {
      for (;;) {
        const found = await Promise.all(looks.map((look) => seriesOf(look)));
        const series = found.flat();
        progress.update(series as SeriesItem[]);
        for (const one of isJson ? series : []) {
          const id = `${one.source} ${one.seriesInstanceUid}`;
          const now = `${one.state} ${one.generation}`;
          if (seen.get(id) !== now) world.print(JSON.stringify(one));
          seen.set(id, now);
        }
        const isThere = found.every((those) => those.length > 0);
        if (isThere && series.every(({ state }) => wanted.has(state)))
          return given.has('until') || series.every(({ state }) => state !== 'FAILED') ? 0 : 1;
        // It will not reach another state by itself.
        if (
          isThere &&
          series.every(({ state }) => wanted.has(state) || FINAL_STATES.some((final) => final === state))
        )
          return 1;
        if (world.signal.aborted) return 1;
        if (world.now().getTime() >= deadlineMs) {
          const waiting = series.filter(({ state }) => !wanted.has(state)).length;
          world.note(isThere ? `The time is over: ${waiting} of ${series.length} not there yet.` : NOT_THERE);
          return 1;
        }
        const pauseMs = (given.number('interval') ?? DEFAULT_INTERVAL_SECONDS) * 1000;
        await sleep(pauseMs, undefined, { signal: world.signal }).catch(() => {});
      }
    } finally {
      progress.stop();
    }
  },
};

async function seriesOf(look: () => Promise<FoundScan>): Promise<z.infer<typeof shown>[]> {
  const found = await look().catch((error: unknown) => {
    // What is not there yet; whatever else is wrong stays wrong.
    if (error instanceof UnknownScanError) return undefined;
    throw error;
  });
  return found === undefined ? [] : [found.series].flat().map((one) => shown.parse(one));
}
