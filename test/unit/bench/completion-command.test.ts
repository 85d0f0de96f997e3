import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCompletion } from '../../../bench/completion/command.ts';

let folder: string;
let traces: string;
let out: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qure-dropoff-completion-'));
  traces = join(folder, 'traces.jsonl');
  out = join(folder, 'decisions.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(...argv: string[]): Promise<{ code: number; said: string }> {
  let said = '';
  const code = await runCompletion(argv, (text) => {
    said += text;
  });
  return { code, said };
}

const replayed = (text: string, ...options: string[]) => {
  writeFileSync(traces, text);
  return run('--traces', traces, '--out', out, ...options);
};

/** The decisions, each as it is in its line. */
const decided = (): unknown[] =>
  readFileSync(out, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);

type Fields = Record<string, unknown>;
const WHOLE = {
  atMs: 0,
  source: 'siteA',
  station: 'CT1',
  study: '1.1',
  series: '1.2',
  sop: '1.2.1',
  modality: 'CT',
  instanceNumber: 1,
  position: [0, 0, 2.5],
  orientation: [1, 0, 0, 0, 1, 0],
  expected: 20,
};
const line = (fields: Fields = {}) => `${JSON.stringify({ ...WHOLE, ...fields })}\n`;

/** So many fast X-rays of one sender, an hour apart. */
const xRays = (count: number, fields: Fields = {}) =>
  Array.from({ length: count }, (_, nth) =>
    line({
      atMs: nth * 3_600_000,
      series: `9.${nth}`,
      sop: `9.${nth}.1`,
      modality: 'DX',
      expected: null,
      ...fields,
    }),
  ).join('');

describe('npm run completion', () => {
  it('writes when each series is complete, in the order of time', async () => {
    const trace = line({ series: '1.3', atMs: 10_000 }) + line() + line({ sop: '1.2.2', atMs: 65_000 });
    expect(await replayed(trace)).toEqual({
      code: 0,
      said: `3 arrivals of 2 series: 3 decisions in ${out}\n`,
    });
    expect(decided()).toEqual([
      { series: '1.2', atMs: 60_000, evidence: 'quiet', generation: 1 },
      { series: '1.3', atMs: 70_000, evidence: 'quiet', generation: 1 },
      { series: '1.2', atMs: 125_000, evidence: 'quiet', generation: 2 },
    ]);
  });

  it('learns senders, and with --mode quiet none', async () => {
    const last = { series: '9.99', atMs: 99 * 3_600_000 + 3_000, evidence: 'learned', generation: 1 };
    await replayed(xRays(100));
    expect(decided().at(-1)).toEqual(last);
    await replayed(xRays(100), '--mode', 'quiet');
    expect(decided().at(-1)).toEqual({ ...last, atMs: 99 * 3_600_000 + 60_000, evidence: 'quiet' });
  });

  it('takes another quiet period', async () => {
    await replayed(line(), '--quiet-period', '5');
    expect(decided()).toMatchObject([{ atMs: 5_000 }]);
    await replayed(line(), '--quiet-period', '7', '--mode', 'quiet');
    expect(decided()).toMatchObject([{ atMs: 7_000 }]);
    await replayed(line(), '--quiet-period', '900');
    expect(decided()).toMatchObject([{ atMs: 900_000 }]);
  });

  it('calls it the longest wait where a hole stayed open', async () => {
    const known = xRays(60, { modality: 'CT' }).replaceAll(/\n/g, '\n');
    const stacks = known
      .split('\n')
      .filter((text) => text !== '')
      .flatMap((text) => {
        const first = JSON.parse(text) as typeof WHOLE;
        return [1, 2, 3].map((instanceNumber) =>
          line({ ...first, sop: `${first.series}.${instanceNumber}`, instanceNumber, position: null }),
        );
      });
    const holed = [1, 2, 4].map((instanceNumber) =>
      line({
        atMs: 1e9,
        series: 'holed',
        sop: `x${instanceNumber}`,
        instanceNumber,
        position: null,
        expected: null,
      }),
    );
    await replayed([...stacks, ...holed].join(''));
    expect(decided().at(-1)).toEqual({
      series: 'holed',
      atMs: 1e9 + 600_000,
      evidence: 'max_wait',
      generation: 1,
    });
  });

  it('takes a series under two sources for two, and names the source of both', async () => {
    await replayed(line() + line({ source: 'siteB', atMs: 5_000 }) + line({ series: '1.3', atMs: 9_000 }));
    expect(decided()).toEqual([
      { series: '1.2', atMs: 60_000, evidence: 'quiet', generation: 1, source: 'siteA' },
      { series: '1.2', atMs: 65_000, evidence: 'quiet', generation: 1, source: 'siteB' },
      { series: '1.3', atMs: 69_000, evidence: 'quiet', generation: 1 },
    ]);
  });

  it.each([
    ['source', { source: 'siteB' }],
    ['station', { station: 'CT2' }],
    ['station, absent', { station: undefined }],
    ['modality', { modality: 'CR' }],
  ])('a sender has one %s', async (_title, other) => {
    await replayed(xRays(100) + line({ ...WHOLE, atMs: 1e9, modality: 'DX', expected: null, ...other }));
    expect(decided().at(-1)).toMatchObject({ atMs: 1e9 + 60_000, evidence: 'quiet' });
  });

  it('writes the same for the lines in any order', async () => {
    const trace = xRays(40) + line() + line({ sop: '1.2.2', atMs: 65_000 });
    await replayed(trace);
    const inOrder = readFileSync(out, 'utf8');
    await replayed(`${trace.trim().split('\n').reverse().join('\n')}\n`);
    expect(readFileSync(out, 'utf8')).toBe(inOrder);
  });

  it.each([
    ['lines that end with CR LF', line().replace('\n', '\r\n').repeat(2)],
    ['a last line that does not end', line().trim()],
    ['empty lines', `\n${line()}\n  \n`],
    ['a byte order mark', `\uFEFF${line()}`],
    ['no station, study or modality', line({ station: undefined, study: undefined, modality: undefined })],
    [
      'null for what is not known',
      line({
        station: null,
        study: null,
        instanceNumber: null,
        position: null,
        orientation: null,
        expected: null,
      }),
    ],
    ['fields that it does not know', line({ calledAet: 'QURE' })],
    ['numbers that no series has', line({ instanceNumber: 1e300, expected: -1, position: [1e300, 0, 0] })],
  ])('takes %s', async (_title, trace) => {
    expect((await replayed(trace)).code).toBe(0);
    expect(decided()).toEqual([{ series: '1.2', atMs: 60_000, evidence: 'quiet', generation: 1 }]);
  });

  it('of an empty file writes an empty one', async () => {
    expect((await replayed('')).code).toBe(0);
    expect(readFileSync(out, 'utf8')).toBe('');
  });
});

describe('npm run completion, refused', () => {
  it.each<[string, string, string]>([
    ['no JSON', 'hello\n', 'expected an object in JSON, got hello'],
    ['half a line', line().slice(0, 20), 'expected an object in JSON, got {"atMs":0,"source":"'],
    ['a list', '[1]\n', 'expected an object in JSON, got [1]'],
    ['null', 'null\n', 'expected an object in JSON, got null'],
    ['no time', line({ atMs: undefined }), 'atMs: expected a number of milliseconds, got nothing'],
    ['a time as text', line({ atMs: '12' }), 'atMs: expected a number of milliseconds, got "12"'],
    [
      'a time without end',
      line().replace('"atMs":0', '"atMs":1e999'),
      'atMs: expected a number of milliseconds',
    ],
    [
      'a time that no calendar has',
      line({ atMs: 1e300 }),
      'atMs: expected a number of milliseconds, got 1e+300',
    ],
    ['no source', line({ source: undefined }), 'source: expected a text, got nothing'],
    ['an empty series', line({ series: '' }), 'series: expected a text, got ""'],
    ['a number as sop', line({ sop: 12 }), 'sop: expected a text, got 12'],
    ['a number as station', line({ station: 1 }), 'station: expected a text or nothing, got 1'],
    ['a list as modality', line({ modality: ['CT'] }), 'modality: expected a text or nothing, got ["CT"]'],
    [
      'a text as number',
      line({ instanceNumber: '7' }),
      'instanceNumber: expected a number or nothing, got "7"',
    ],
    [
      'a position of two',
      line({ position: [1, 2] }),
      'position: expected three numbers or nothing, got [1,2]',
    ],
    [
      'a position with null',
      line({ position: [1, 2, null] }),
      'position: expected three numbers or nothing, got [1,2,null]',
    ],
    [
      'an orientation as text',
      line({ orientation: '1\\0' }),
      'orientation: expected six numbers or nothing, got "1\\\\0"',
    ],
    ['a count as text', line({ expected: 'many' }), 'expected: expected a number or nothing, got "many"'],
  ])('%s: names the line, what was expected and what came; writes nothing', async (_title, bad, problem) => {
    writeFileSync(out, 'of an earlier run\n');
    const { code, said } = await replayed(`${line()}\n${bad}${line()}`);
    expect(code).toBe(2);
    expect(said).toContain(`completion: ${traces}, line 3: ${problem}`);
    expect(readFileSync(out, 'utf8')).toBe('of an earlier run\n');
    expect(readdirSync(folder)).toEqual(['decisions.jsonl', 'traces.jsonl']);
  });

  it('shows no more than the begin of a long line', async () => {
    const { said } = await replayed(`${'x'.repeat(5_000)}\n`);
    expect(said).toContain('…');
    expect(said.length).toBeLessThan(300);
  });

  it('a file that is not there', async () => {
    const { code, said } = await run('--traces', traces, '--out', out);
    expect(code).toBe(2);
    expect(said).toMatch(/^completion: ENOENT.*traces\.jsonl/);
    expect(existsSync(out)).toBe(false);
  });

  it.each([
    ['a folder that is not there', 'none/decisions.jsonl'],
    ['a folder', ''],
  ])('a place for decisions that is %s', async (_title, place) => {
    writeFileSync(traces, line());
    const { code, said } = await run('--traces', traces, '--out', join(folder, place));
    expect(code).toBe(2);
    expect(said).toMatch(/^completion: E[A-Z]+: /);
    expect(readdirSync(folder)).toEqual(['traces.jsonl']);
  });

  it.each([
    [['--out', 'x'], '--traces'],
    [['--traces', 'x'], '--out'],
    [['--traces', 'x', '--out', 'y', '--mode', 'fast'], 'adaptive, quiet'],
    [['--traces', 'x', '--out', 'y', '--quiet-period', '0'], 'expected seconds from 1 to 86400'],
    [['--traces', 'x', '--out', 'y', '--quiet-period', 'soon'], 'expected seconds from 1 to 86400'],
    [['--traces', 'x', '--out', 'y', '--fast'], '--fast'],
    [['--traces', 'x', '--out', 'y', 'z'], 'too many arguments'],
  ])('%j', async (argv, said) => {
    const answer = await run(...argv);
    expect(answer.code).toBe(2);
    expect(answer.said).toContain(said);
  });

  it('--help says what it takes', async () => {
    const { code, said } = await run('--help');
    expect(code).toBe(0);
    for (const option of ['--traces <file>', '--out <file>', '--mode <mode>', '--quiet-period <seconds>'])
      expect(said).toContain(option);
  });
});
