import { describe, expect, test } from 'vitest';
import { FILTER_ROWS, ls } from '../../../cli/commands/ls.ts';
import { quarantine } from '../../../cli/commands/quarantine.ts';
import { show } from '../../../cli/commands/show.ts';
import { watch } from '../../../cli/commands/watch.ts';
import { instantOfTime } from '../../../cli/frame/given-time.ts';
import { agoOf } from '../../../cli/output/worklist.ts';
import type { CallApi } from '../../../cli/target/call-api.ts';
import { KNOWN_REASONS } from '../../../console/shared/quarantine-advice.ts';
import { OPERATIONS } from '../../../functions/api/requests.ts';
import { apiOf, runCli } from '../../support/cli/run-cli.ts';
import { doneRow, failedRow, receivingRow, skippedRow } from '../../support/series-rows.ts';
import { newWorld } from '../../support/world/new-world.ts';
import type { World } from '../../support/world/world.ts';

const at = (minute: number) => `2026-03-12T07:5${minute}:00.000Z`;
const NOW = new Date('2026-03-12T08:00:00Z');

function held(): World {
  const world = newWorld();
  world.series.seed(doneRow({ studyInstanceUid: '1.9', seriesInstanceUid: '1.1', changedAt: at(1) }));
  world.series.seed(receivingRow({ studyInstanceUid: '1.9', seriesInstanceUid: '1.2', changedAt: at(2) }));
  world.series.seed(failedRow({ studyInstanceUid: '1.8', seriesInstanceUid: '1.3', changedAt: at(3) }));
  return world;
}

describe('ls', () => {
  test('has every filter of the API', () => {
    const {
      limit: _limit,
      cursor: _cursor,
      sort: _sort,
      ...filters
    } = OPERATIONS.listSeries.parameters.shape;
    expect(FILTER_ROWS.map(({ name }) => name).sort()).toEqual(Object.keys(filters).sort());
  });

  test('lists studies, and with --series series, as tables', async () => {
    const studies = await runCli(ls, [], apiOf(held()));
    expect(studies.code).toBe(0);
    expect(studies.lines[0]).toMatch(/^ACCESSION +MODALITY .* STUDY$/);
    expect(studies.lines.slice(1).map((line) => line.split(/ +/).at(-1))).toEqual(['1.8', '1.9']);
    const series = await runCli(ls, ['--series', '--state', 'done,failed'], apiOf(held()));
    expect(series.lines.slice(1)).toEqual([
      expect.stringMatching(/^FAILED .*7 min ago/),
      expect.stringMatching(/^DONE .*9 min ago/),
    ]);
  });

  test.each([
    { name: 'that waits', heldBack: { reason: 'daily_budget' }, progress: '1/2 waits', why: 'daily budget' },
    { name: 'that failed', results: 2, failed: 2, progress: '2/2 failed', why: 'rejects the token' },
    {
      name: 'of which one failed',
      results: 2,
      failed: 1,
      progress: '2/2 done, 1 failed',
      why: 'auth_rejected',
    },
    { name: 'that is sent', progress: '1/2 uploading', why: ' -  ' },
  ])('says of a study $name: $progress', async ({ heldBack, results = 1, failed = 0, progress, why }) => {
    const call: CallApi = async () => ({
      items: [
        {
          source: 'default',
          studyInstanceUid: '1.9',
          modalities: ['CT'],
          bodyParts: [],
          products: [],
          progress: { arriving: 0, uploading: 2 - results, computing: 0, results },
          series: [
            { state: 'FAILED', count: failed },
            { state: 'DONE', count: 2 - failed },
          ],
          findings: [],
          reasons: failed > 0 ? ['auth_rejected'] : [],
          heldBack,
          changedAt: at(1),
        },
      ],
    });
    const { lines } = await runCli(ls, [], call);
    expect(lines[0]).toContain('FINDINGS, OR WHY IT WAITS');
    expect(lines[1]).toContain(`  ${progress}  `);
    expect(lines[1]).toContain(why);
  });

  test('marks what the simulator answered', async () => {
    const page = await apiOf(held())({ method: 'GET', path: '/v1/series', query: { state: 'DONE' } });
    const [one] = (page as { items: object[] }).items;
    const call: CallApi = async () => ({ items: [{ ...one, triage: 'critical', isSimulated: true }] });
    expect((await runCli(ls, ['--series'], call)).lines[1]).toMatch(/^DONE .*SIMULATED, critical/);
  });

  test('prints JSON, and says whether there are more', async () => {
    const { lines } = await runCli(ls, ['--series', '--json', '--limit', '2'], apiOf(held()));
    const { items, isComplete } = JSON.parse(lines.join('\n'));
    expect([items.map((one: { seriesInstanceUid: string }) => one.seriesInstanceUid), isComplete]).toEqual([
      ['1.3', '1.2'],
      false,
    ]);
    const { errors } = await runCli(ls, ['--series', '--limit', '1'], apiOf(held()));
    expect(errors).toEqual([expect.stringContaining('--limit')]);
  });

  test('reads page after page', async () => {
    const world = newWorld();
    for (let n = 100; n < 360; n += 1) world.series.seed(doneRow({ seriesInstanceUid: `1.${n}` }));
    const { lines } = await runCli(ls, ['--series', '--limit', '250'], apiOf(world));
    expect(lines).toHaveLength(251);
  });

  test('asks for changes since a while ago', async () => {
    let asked: unknown;
    const call: CallApi = async ({ query }) => {
      asked = query;
      return { items: [] };
    };
    const run = await runCli(ls, ['--since', '2h', '--triage', 'critical'], call);
    expect(run).toEqual({ code: 0, lines: [], errors: ['no study matches'] });
    expect(asked).toMatchObject({ since: '2026-03-12T06:00:00.000Z', triage: 'critical' });
  });

  test('a source that the deployment does not know is wrong use, if nothing is found', async () => {
    const call: CallApi = async ({ path }) =>
      path === '/v1/health' ? { sources: [{ name: 'north' }, { name: 'south' }] } : { items: [] };
    expect(await runCli(ls, ['--source', 'noth'], call)).toEqual({
      code: 2,
      lines: [],
      errors: ['qure-dropoff: --source: expected one of north, south, got "noth": did you mean north?'],
    });
    expect((await runCli(ls, ['--source', 'north'], call)).errors).toEqual(['no study matches']);
    const silent: CallApi = async ({ path }) => {
      if (path === '/v1/health') throw new Error('no permission');
      return { items: [] };
    };
    expect((await runCli(ls, ['--source', 'noth'], silent)).errors).toEqual(['no study matches']);
  });

  test('tells all mistakes at once', async () => {
    const argv = ['--state', 'LOST', '--since', 'yesterday', '--limit', '0', 'word', '--sorted'];
    const { code, errors } = await runCli(ls, argv);
    expect(code).toBe(2);
    expect(errors).toHaveLength(4);
  });
});

test.each([
  ['30d', '2026-02-10T08:00:00.000Z'],
  ['12h', '2026-03-11T20:00:00.000Z'],
  ['2026-03-01', '2026-03-01T00:00:00.000Z'],
  ['2026-03-01T08:00:00+01:00', '2026-03-01T07:00:00.000Z'],
  ['2026-02-31T00:00', undefined],
  ['5w', undefined],
  ['', undefined],
])('the time %s is %s', (typed, expected) => {
  expect(instantOfTime(typed, NOW.getTime())).toBe(expected);
});

test.each([
  ['2026-03-12T07:59:50Z', '10 s ago'],
  ['2026-03-12T07:50:00Z', '10 min ago'],
  ['2026-03-12T04:00:00Z', '4 h ago'],
  ['2026-03-01T08:00:00Z', '11 days ago'],
  ['2026-03-12T09:00:00Z', '0 s ago'],
])('%s is %s', (time, expected) => {
  expect(agoOf(time, NOW)).toBe(expected);
});

describe('show', () => {
  test('shows a series, field by field, and a study with its series', async () => {
    const series = await runCli(show, ['1.3'], apiOf(held()));
    expect(series.lines).toContainEqual(expect.stringMatching(/^state: +FAILED$/));
    const study = await runCli(show, ['1.9'], apiOf(held()));
    expect(study.lines.join('\n')).toMatch(/study: +1\.9[\s\S]*STATE[\s\S]*RECEIVING[\s\S]*DONE/);
  });

  test('finds a study by its accession number', async () => {
    const study = (studyInstanceUid: string) => ({ source: 'default', studyInstanceUid });
    const ofStudies =
      (...items: object[]): CallApi =>
      async ({ path, query }) => {
        expect(query).toMatchObject(path === '/v1/studies' ? { accession: 'A1' } : { study: '1.7' });
        return { items: path === '/v1/studies' ? items : [] };
      };
    const run = (call: CallApi) => runCli(show, ['--accession', 'A1'], call);
    expect((await run(ofStudies(study('1.7')))).lines[0]).toMatch(/^study: +1\.7$/);
    expect((await run(ofStudies())).errors).toEqual([expect.stringContaining('found none')]);
    expect((await run(ofStudies(study('1.7'), study('1.6')))).errors).toEqual([
      expect.stringContaining('found 1.7 (default), 1.6 (default): name a UID'),
    ]);
    expect((await runCli(show, ['1.3', '--accession', 'A1'])).errors).toEqual([
      'qure-dropoff: expected a UID or --accession, got both',
    ]);
  });

  test('prints what the API has as JSON', async () => {
    const one = await runCli(show, ['1.3', '--json'], apiOf(held()));
    expect(JSON.parse(one.lines.join('\n'))).toMatchObject({ series: { state: 'FAILED' } });
    const study = await runCli(show, ['1.9', '--json'], apiOf(held()));
    expect(JSON.parse(study.lines.join('\n'))).toMatchObject({
      study: { studyInstanceUid: '1.9' },
      series: { length: 2 },
    });
  });

  test('says what happened, what was found and what to do in the words of the page', async () => {
    const call: CallApi = async () => ({
      source: 'default',
      studyInstanceUid: '1.9',
      seriesInstanceUid: '1.3',
      state: 'FAILED',
      reason: 'results_timeout',
      generation: 2,
      triage: 'critical',
      isSimulated: true,
      usecase: 'qer',
      findings: [
        { key: 'ICH', present: true, score: 0.856 },
        { key: 'MIDLINE_SHIFT', present: false },
        { key: 'PNEUMOTHORAX' },
      ],
      compute: { httpStatus: 200 },
      silence: { seconds: 5, reason: 'new_sender', knownSeries: 0, longestSilenceSeconds: 1 },
      timeline: [
        { step: 'firstObject', at: '2026-03-12T07:50:00Z' },
        {
          step: 'judged',
          at: '2026-03-12T07:51:00Z',
          evidence: 'quiet',
          silence: { seconds: 5, reason: 'new_sender', knownSeries: 0, longestSilenceSeconds: 1 },
          instances: 24,
        },
        { step: 'of_later', at: '2026-03-12T07:52:00Z' },
      ],
      actions: [{ at: '2026-03-12T07:55:00Z', by: 'arn:x', byName: 'Ann', kind: 'retry', comment: 'why' }],
      generations: [
        { generation: 1, state: 'DONE', triage: 'critical', isSimulated: true },
        { generation: 2, state: 'FAILED', reason: 'results_timeout' },
      ],
    });
    const { lines } = await runCli(show, ['1.3'], call);
    expect(lines.slice(3)).toEqual([
      'state:        FAILED, generation 2',
      'triage:       SIMULATED, critical',
      'model:        qer',
      'reason:       Qure gave no result in time (results_timeout)',
      expect.stringMatching(/^what to do: {3}Ask Qure about the series/),
      'findings:',
      '  Intracranial hemorrhage (ICH): present, score 0.856',
      '  Midline shift (MIDLINE_SHIFT): absent',
      '  Pneumothorax (PNEUMOTHORAX): named by Qure, presence not stated',
      'what happened:',
      '  2026-03-12T07:50:00Z  First image',
      '  2026-03-12T07:51:00Z  Judged complete: no further image came for a while, needed 5 s without an image: too few earlier series of the sender are known (0), 24 images',
      '  2026-03-12T07:52:00Z  of_later',
      '  2026-03-12T07:55:00Z  Tried again by Ann: "why"',
      'generations:',
      '  2: FAILED, Qure gave no result in time (results_timeout)',
      '  1: DONE, SIMULATED, critical',
    ]);
  });

  test('says of a study why series were skipped', async () => {
    const world = newWorld();
    world.series.seed(skippedRow({ reason: 'no_route' }));
    const { lines } = await runCli(show, ['1.2.3.1'], apiOf(world));
    expect(lines).toContain('skipped:      no rule chooses a product (no_route)');
  });

  test('says of a study that Qure calls a scan invalid', async () => {
    const world = newWorld();
    world.series.seed(doneRow({ isInvalidScan: true }));
    const { lines } = await runCli(show, ['1.2.3.1'], apiOf(world));
    expect(lines).toContain('remark:       Qure calls a scan of it invalid');
  });

  test('says why a series waits, and that nothing has to be done', async () => {
    const call: CallApi = async () => ({
      source: 'default',
      studyInstanceUid: '1.9',
      seriesInstanceUid: '1.3',
      state: 'COMPLETE',
      generation: 1,
      heldBack: { reason: 'daily_budget', since: at(1), until: at(9) },
    });
    const { lines } = await runCli(show, ['1.3'], call);
    expect(lines).toContain(
      `waits:        the daily budget of the source is used up (daily_budget); since ${at(1)}, tries again at ${at(9)}`,
    );
    expect(lines).toContainEqual(expect.stringMatching(/^what to do: +Nothing has to be done/));
  });

  test('prints text of others without control characters', async () => {
    const call: CallApi = async () => ({
      source: 'default',
      studyInstanceUid: '1.9',
      seriesInstanceUid: '1.3',
      state: 'FAILED',
      generation: 1,
      detail: 'a\u001b[2Jb',
    });
    expect((await runCli(show, ['1.3'], call)).lines.join('\n')).not.toContain('\u001b');
  });

  test('ends with 1 for what is not there, and with 2 for what is no UID', async () => {
    expect(await runCli(show, ['1.77'], apiOf(held()))).toMatchObject({
      code: 1,
      errors: [expect.stringContaining('found neither')],
    });
    expect((await runCli(show, ['../etc'], apiOf(held()))).code).toBe(2);
    expect((await runCli(show, [])).errors).toEqual([
      'qure-dropoff: expected a UID or --accession, got none',
    ]);
  });
});

describe('quarantine', () => {
  const call: CallApi = async () => ({
    items: [
      { key: 'default/Doe^Jane.txt', reason: 'not_dicom', detail: 'd', source: 'default', at: at(1) },
      { key: 'default/b', reason: 'truncated', detail: 'd', source: 'default', at: at(1) },
      { key: 'default/c', reason: 'truncated', detail: 'd', source: 'default', at: at(1) },
      { key: 'default/d', reason: 'of_later', detail: 'd', at: at(1) },
    ],
  });

  test('groups by reason, the most first, each with what to do, and no key', async () => {
    const { lines } = await runCli(quarantine, [], call);
    expect(lines.filter((line) => !line.startsWith(' '))).toEqual([
      'truncated: 2 objects',
      'not_dicom: 1 object',
      'of_later: 1 object',
    ]);
    expect(lines.join('\n')).not.toContain('Doe');
    expect(lines.at(-1)).toContain('operations.md');
  });

  test('shows keys where they are asked for', async () => {
    const { lines } = await runCli(quarantine, ['--keys', '--reason', 'not_dicom'], call);
    expect(lines.join('\n')).toContain('Doe^Jane.txt');
    expect(lines.join('\n')).not.toContain('truncated');
    const json = await runCli(quarantine, ['--json'], call);
    expect(json.lines.join('\n')).not.toContain('Doe');
    expect(JSON.parse(json.lines.join('\n'))).toMatchObject({
      groups: [{ reason: 'truncated', count: 2, todo: expect.any(String) }, {}, {}],
      isComplete: true,
    });
  });

  test('a reason that there is not is wrong use; of one that a later version has found, there is', async () => {
    const { code, errors } = await runCli(quarantine, ['--reason', 'not_dicon'], call);
    expect({ code, errors }).toEqual({
      code: 2,
      errors: [expect.stringMatching(/--reason: expected one of not_dicom, .*did you mean not_dicom\?$/)],
    });
    expect((await runCli(quarantine, ['--reason', 'of_later'], call)).code).toBe(0);
    expect((await runCli(quarantine, ['--reason', 'missing_uid'], call)).lines).toEqual([
      'nothing is in quarantine for this reason',
    ]);
  });

  test('knows what to do about each reason', () => {
    expect(KNOWN_REASONS.length).toBeGreaterThanOrEqual(12);
  });
});

describe('watch', () => {
  const series = (state: string) => ({
    source: 'default',
    studyInstanceUid: '1.9',
    seriesInstanceUid: '1.1',
    state,
    generation: 1,
    instances: 3,
  });
  const states = (...all: string[]): CallApi => {
    let look = -1;
    return async () => {
      look += 1;
      return series(all[Math.min(look, all.length - 1)] ?? '');
    };
  };
  const FAST = ['--interval', '0.001', '--json'];

  test('prints each change, and ends when the series is final', async () => {
    const run = await runCli(watch, ['1.1', ...FAST], states('RECEIVING', 'RECEIVING', 'COMPUTING', 'DONE'));
    expect(run.code).toBe(0);
    expect(run.lines.map((line) => JSON.parse(line).state)).toEqual(['RECEIVING', 'COMPUTING', 'DONE']);
  });

  test.each([
    { name: 'a failed series', argv: [], call: states('UPLOADING', 'FAILED'), code: 1 },
    {
      name: 'a state that was asked for',
      argv: ['--until', 'computing'],
      call: states('COMPUTING'),
      code: 0,
    },
    { name: 'a state that will not come', argv: ['--until', 'DONE'], call: states('SKIPPED'), code: 1 },
    { name: 'FAILED where it was asked for', argv: ['--until', 'FAILED'], call: states('FAILED'), code: 0 },
    { name: 'the end of the time', argv: ['--timeout', '1'], call: states('COMPUTING'), code: 1 },
  ])('ends with $code for $name', async ({ argv, call, code }) => {
    let ms = 0;
    const now = () => {
      ms += 400;
      return new Date(ms);
    };
    expect((await runCli(watch, ['1.1', ...FAST, ...argv], call, { now })).code).toBe(code);
  });

  test('says at the end of the time what is missing', async () => {
    const argv = ['1.1', '--interval', '0.001', '--json', '--timeout', '0.001'];
    const timed = () => {
      let ms = 0;
      const now = () => {
        ms += 400;
        return new Date(ms);
      };
      return { now };
    };
    expect((await runCli(watch, argv, states('COMPUTING'), timed())).errors).toEqual([
      'The time is over: 1 of 1 not there yet.',
    ]);
    expect((await runCli(watch, argv, apiOf(newWorld()), timed())).errors).toEqual([
      'The time is over: what was named is not all there yet.',
    ]);
  });

  test('follows the study with an accession number, from before it is there', async () => {
    let looks = 0;
    const call: CallApi = async ({ path, query }) => {
      if (path === '/v1/studies') {
        looks += 1;
        expect(query).toMatchObject({ accession: 'A1', source: 'default' });
        return { items: looks < 3 ? [] : [series('DONE')] };
      }
      expect([path, query]).toMatchObject(['/v1/series', { study: '1.9' }]);
      return { items: [series(looks < 5 ? 'COMPUTING' : 'DONE')] };
    };
    const run = await runCli(watch, ['--accession', 'A1', '--source', 'default', ...FAST], call);
    expect(run.code).toBe(0);
    expect(run.lines.map((line) => JSON.parse(line).state)).toEqual(['COMPUTING', 'DONE']);
  });

  test.each([[[]], [['1.1', '1.2', '--accession', 'A1']]])('is refused with %j', async (argv) => {
    expect(await runCli(watch, argv)).toMatchObject({
      code: 2,
      errors: [expect.stringContaining('expected a UID or --accession, got ')],
    });
  });

  test('waits for a UID that is not there yet', async () => {
    const world = newWorld();
    let looks = 0;
    const call: CallApi = (request) => {
      looks += 1;
      if (looks === 3) world.series.seed(doneRow({ seriesInstanceUid: '1.5' }));
      return apiOf(world)(request);
    };
    expect((await runCli(watch, ['1.5', ...FAST], call)).code).toBe(0);
  });
});
