import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { defined } from '../../functions/shared/defined.ts';
import * as z from '../../functions/shared/schema.ts';
import type { CommandSpec } from '../frame/command.ts';
import type { Given } from '../frame/given.ts';
import { instantOfTime } from '../frame/given-time.ts';
import { limitRow, SOURCE_ROW } from '../frame/shared-rows.ts';
import { createProgressBar } from '../output/progress-bar.ts';
import { textTable } from '../output/text-table.ts';
import type { CallApi } from '../target/call-api.ts';
import { targetOf } from '../target/target.ts';
import { compareWaits, type WaitFigures, type WaitOptions } from '../waits/compare-waits.ts';
import { readArrivals, type TraceLine } from '../waits/read-arrivals.ts';

const DEFAULT_SINCE = '7d';
const DEFAULT_LIMIT = 2000;
/** A series of 300 images takes about 0.5 MB of memory. */
const MOST = 10_000;
/** Senders that the table has. */
const MOST_SENDERS = 20;

/** Of a source that is left out of the document by now. */
const DEFAULT_OPTIONS: WaitOptions = { quietPeriodSeconds: 60, maxWaitSeconds: 900 };

const sources = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      completion: z.object({
        floorSeconds: z.optional(z.number()),
        quietPeriodSeconds: z.number(),
        maxWaitSeconds: z.number(),
      }),
    }),
  ),
});

export const waits: CommandSpec = {
  name: 'waits',
  group: 'Set-up',
  summary: 'Replays past arrivals: the wait that is learned beside the quiet period, by sender',
  about: `It reads when each instance of past series came, and asks both ways to wait when they would have called each series complete.
Every sender begins unknown, as at the first deployment, and every series is a routine one. Series that ended by a marker
are not counted: they wait for nothing. Series whose scans have expired are left out. Nothing is changed.`,
  options: [
    SOURCE_ROW,
    {
      name: 'since',
      placeholder: 'T',
      value: { kind: 'time' },
      help: `series whose last change was since then (default: ${DEFAULT_SINCE})`,
    },
    { name: 'until', placeholder: 'T', value: { kind: 'time' }, help: 'and before then' },
    limitRow(MOST, `the newest so many series, at most ${MOST} (default: ${DEFAULT_LIMIT})`),
    {
      name: 'traces',
      placeholder: 'FILE',
      value: { kind: 'text', what: 'the name of a file' },
      help: 'also write the arrivals, as lines for npm run completion; they hold UIDs',
    },
  ],
  hasTarget: true,
  printsJson: true,
  check: () => nodeProblems(process.versions.node),
  async run(given, world) {
    const call = await world.callerFor(targetOf(given));
    const source = given.text('source');
    const configured = await optionsBySource(call, source);
    const bar = createProgressBar('Reads series', process.stderr, world.env);
    const { lines, series, marked, unknown, isComplete } = await readArrivals(
      call,
      queryOf(given, world.now()),
      given.number('limit') ?? DEFAULT_LIMIT,
      (count) => bar.update(count),
    ).finally(() => bar.stop());
    const file = given.text('traces');
    if (file !== undefined) await writeLines(file, lines);
    const compared = compareWaits(lines, (name) => configured.get(name) ?? DEFAULT_OPTIONS, marked);
    if (given.has('json')) {
      world.print(
        JSON.stringify({ series, marked: marked.size, unknown, isComplete, ...compared }, undefined, 2),
      );
      return 0;
    }
    if (series === 0) {
      world.note(
        unknown === 0 ? 'no series has ended in that time' : `of ${unknown} series no scan is known`,
      );
      return 0;
    }
    for (const line of textOf(compared)) world.print(line);
    if (marked.size > 0) world.note(`${marked.size} series ended by a marker, and are not counted.`);
    if (unknown > 0) world.note(`${unknown} series are left out: their scans have expired.`);
    if (!isComplete) world.note('There are more series: --limit reads more of them.');
    return 0;
  },
};

/** The replay groups by `Map.groupBy`, which the oldest Node.js of the other commands does not have. */
export function nodeProblems(version: string): string[] {
  return Number(version.split('.')[0]) < 22
    ? [`expected Node.js 22.12 or later for this command, got ${version}`]
    : [];
}

async function optionsBySource(
  call: CallApi,
  source: string | undefined,
): Promise<ReadonlyMap<string, WaitOptions>> {
  const { items } = sources.parse(
    await call({ method: 'GET', path: '/v1/sources', query: defined({ source }) }),
  );
  return new Map(items.map(({ name, completion }) => [name, completion]));
}

function queryOf(given: Given, now: Date): Record<string, string> {
  const timeOf = (typed: string) => instantOfTime(typed, now.getTime());
  const until = given.text('until');
  return defined({
    source: given.text('source'),
    since: timeOf(given.text('since') ?? DEFAULT_SINCE),
    until: until === undefined ? undefined : timeOf(until),
  }) as Record<string, string>;
}

/** Writes beside the file and renames: also where it is there already, its owner alone may read it. */
async function writeLines(path: string, lines: readonly TraceLine[]): Promise<void> {
  const texts = lines.values().map((line) => `${JSON.stringify(line)}\n`);
  const part = `${path}.${process.pid}.part`;
  try {
    await pipeline(Readable.from(texts), createWriteStream(part, { mode: 0o600 }));
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

function textOf({ learned, quiet, senders }: ReturnType<typeof compareWaits>): string[] {
  const figures = (name: string, one: WaitFigures) => [
    name,
    String(one.series),
    seconds(one.p50Seconds),
    seconds(one.p95Seconds),
    tooEarly(one),
    String(one.computations),
  ];
  const rows = senders
    .slice(0, MOST_SENDERS)
    .map((one) => [
      one.source,
      one.modality,
      one.sender,
      String(one.learned.series),
      seconds(one.learned.p50Seconds),
      seconds(one.learned.p95Seconds),
      tooEarly(one.learned),
      tooEarly(one.quiet),
      one.exampleSeries,
    ]);
  const heading = [
    ...['SOURCE', 'MODALITY', 'SENDER', 'SERIES'],
    ...['LEARNED P50', 'P95', 'TOO EARLY', 'QUIET TOO EARLY', 'ONE OF ITS SERIES'],
  ];
  return [
    ...textTable(
      ['WAIT', 'SERIES', 'P50', 'P95', 'TOO EARLY', 'COMPUTATIONS'],
      [figures('learned', learned), figures('quiet period', quiet)],
    ),
    '',
    ...textTable(heading, rows),
    ...(senders.length > MOST_SENDERS ? [`and ${senders.length - MOST_SENDERS} more: --json has them`] : []),
  ];
}

function seconds(value: number): string {
  return `${value.toFixed(value < 9.95 ? 1 : 0)} s`;
}

function tooEarly({ series, tooEarly: early }: WaitFigures): string {
  return early === 0 ? '0' : `${early} (${((100 * early) / series).toFixed(2)} %)`;
}
