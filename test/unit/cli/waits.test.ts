import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runCompletion } from '../../../bench/completion/command.ts';
import { nodeProblems, waits } from '../../../cli/commands/waits.ts';
import { compareWaits } from '../../../cli/waits/compare-waits.ts';
import type { TraceLine } from '../../../cli/waits/read-arrivals.ts';
import { apiOf, runCli } from '../../support/cli/run-cli.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { ID, putSlices, SERIES } from '../../support/world/scans.ts';
import { completedSeries, index } from '../../support/world/stages.ts';
import type { World } from '../../support/world/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'waits-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (argv: string[], world: World) => runCli(waits, ['--since', '30d', ...argv], apiOf(world));

test('says which Node.js it needs', () => {
  expect(nodeProblems('20.19.0')).toEqual([expect.stringContaining('22.12')]);
  expect(nodeProblems('22.12.0')).toEqual([]);
});

describe('waits', () => {
  test('shows both waits, and the senders', async () => {
    const world = newWorld();
    await completedSeries(world);
    const { code, lines } = await run([], world);
    expect(code).toBe(0);
    expect(lines[0]).toMatch(/^WAIT +SERIES +P50 +P95 +TOO EARLY +COMPUTATIONS$/);
    expect(lines[1]).toMatch(/^learned +1 +60 s +60 s +0 +1$/);
    expect(lines[2]).toMatch(/^quiet period +1 +60 s +60 s +0 +1$/);
    expect(lines.at(-1)).toMatch(new RegExp(`^${ID.source} +CT +[\\w-]{16} +1 `));
  });

  test('a series that still receives is left out', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 2));
    const { code, lines, errors } = await run([], world);
    expect({ code, lines }).toEqual({ code: 0, lines: [] });
    expect(errors.at(-1)).toBe('no series has ended in that time');
  });

  test('counts series whose rows have expired', async () => {
    const world = newWorld();
    await completedSeries(world);
    world.deps.instances = { ...world.deps.instances, ofSeries: async () => [] };
    expect(JSON.parse((await run(['--json'], world)).lines.join(''))).toMatchObject({
      series: 0,
      unknown: 1,
    });
    expect((await run([], world)).errors.at(-1)).toBe('of 1 series no scan is known');
  });

  test('leaves out a series of which some rows have expired', async () => {
    const world = newWorld();
    await completedSeries(world);
    const rows = await world.instances.ofSeries(ID);
    world.deps.instances = { ...world.deps.instances, ofSeries: async () => rows.slice(1) };
    expect(JSON.parse((await run(['--json'], world)).lines.join(''))).toMatchObject({
      series: 0,
      unknown: 1,
    });
  });

  test('does not count a series that a marker has ended', async () => {
    const world = newWorld();
    await completedSeries(world);
    const row = await world.series.load(ID);
    if (row === undefined || !('evidence' in row)) throw new Error('expected a judged series');
    world.series.seed({ ...row, evidence: 'marker' });
    const { lines, errors } = await run([], world);
    expect(lines[1]).toMatch(/^learned +0 /);
    expect(errors).toContain('1 series ended by a marker, and are not counted.');
  });

  test('writes lines that npm run completion reads, for their owner alone', async () => {
    const world = newWorld();
    await completedSeries(world);
    const traces = join(folder, 'week.jsonl');
    const out = join(folder, 'decisions.jsonl');
    writeFileSync(traces, 'of before', { mode: 0o644 });
    expect((await run(['--traces', traces], world)).code).toBe(0);
    expect(statSync(traces).mode & 0o777).toBe(0o600);
    const [first = '{}'] = readFileSync(traces, 'utf8').split('\n');
    expect(JSON.parse(first)).toMatchObject({ source: ID.source, series: SERIES, modality: 'CT' });
    expect(await runCompletion(['--traces', traces, '--out', out], () => {})).toBe(0);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ series: SERIES, generation: 1 });
  });

  test('a file that cannot be written is told', async () => {
    const world = newWorld();
    await completedSeries(world);
    const { code, errors } = await run(['--traces', join(folder, 'no', 'week.jsonl')], world);
    expect(code).toBe(1);
    expect(errors.at(-1)).toMatch(/no\/week\.jsonl.*: expected a place to read or write/);
  });

  test('asks only for the series of a source, and of that time', async () => {
    const world = newWorld();
    await completedSeries(world);
    const { lines } = await runCli(waits, ['--json'], apiOf(world));
    expect(JSON.parse(lines.join(''))).toMatchObject({ series: 0, unknown: 0 });
    const unknown = await run(['--source', 'west'], world);
    expect(unknown).toMatchObject({ code: 1, errors: [expect.stringContaining('404: source')] });
  });
});

/** One slice a second, and one long pause at the end of each series. */
function trace(series: number, pauseSeconds: (nth: number) => number, source = 'a'): TraceLine[] {
  return Array.from({ length: series }, (_, nth) =>
    Array.from({ length: 10 }, (__, slice) => ({
      atMs: (nth * 4000 + slice + (slice === 9 ? pauseSeconds(nth) : 0)) * 1000,
      source,
      station: 'CT1',
      study: '1.2',
      series: `1.2.${nth}`,
      sop: `1.2.${nth}.${slice}`,
      modality: 'CT',
    })),
  ).flat();
}

describe('compareWaits', () => {
  const options = () => ({ quietPeriodSeconds: 60, maxWaitSeconds: 900 });

  test('a sender that never pauses is decided in seconds, once it is known', () => {
    const { learned, quiet } = compareWaits(
      trace(200, () => 0),
      options,
    );
    expect(quiet).toEqual({ series: 200, p50Seconds: 60, p95Seconds: 60, tooEarly: 0, computations: 200 });
    expect(learned).toMatchObject({ series: 200, tooEarly: 0, computations: 200 });
    expect(learned.p50Seconds).toBeLessThan(10);
  });

  test('a sender that pauses for longer than the quiet period is called complete too early by it', () => {
    const { quiet, learned } = compareWaits(
      trace(200, () => 90),
      options,
    );
    expect(quiet).toMatchObject({ tooEarly: 200, computations: 400 });
    expect(learned.tooEarly).toBeLessThan(60);
  });

  test('what is learned of one source says nothing of another', () => {
    const known = trace(200, () => 0, 'a');
    const { senders } = compareWaits([...known, ...trace(10, () => 0, 'b')], options);
    expect(senders.find(({ source }) => source === 'b')?.learned).toMatchObject({
      series: 10,
      p50Seconds: 60,
    });
  });

  test('senders with most series come first', () => {
    const { senders } = compareWaits([...trace(3, () => 0, 'a'), ...trace(5, () => 0, 'b')], options);
    expect(senders.map(({ source, learned }) => [source, learned.series])).toEqual([
      ['b', 5],
      ['a', 3],
    ]);
  });

  test('where nothing may be learned, both are the quiet period', () => {
    const long = () => ({ quietPeriodSeconds: 1200, maxWaitSeconds: 3600 });
    const { learned, quiet } = compareWaits(
      trace(100, () => 0),
      long,
    );
    expect(learned).toEqual(quiet);
    expect(learned.p50Seconds).toBe(1200);
  });
});
