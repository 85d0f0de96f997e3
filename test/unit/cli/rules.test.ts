import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDicom } from '@qure-dropoff/dicom/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { rulesBacktest } from '../../../cli/commands/rules-backtest.ts';
import { rulesTest } from '../../../cli/commands/rules-test.ts';
import type { CallApi } from '../../../cli/target/call-api.ts';
import { apiOf, runCli } from '../../support/cli/run-cli.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { SERIES, slice } from '../../support/world/scans.ts';
import { completedSeries } from '../../support/world/stages.ts';

const folder = mkdtempSync(join(tmpdir(), 'rules-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const HEAD = file('head.dcm', slice(1));
const OTHER = file('foot.dcm', buildDicom({ seriesInstanceUid: '1.2.9', modality: 'MR' }));
const ONLY_CHEST = file('chest.yaml', 'sources: { default: { products: [qCT] } }');
const TWO = file('two.yaml', 'sources: { north: { product: qCT }, south: {} }');

describe('rules test', () => {
  test('says where a series goes, by which rule and why', async () => {
    const { code, lines } = await runCli(rulesTest, [HEAD]);
    expect(code).toBe(0);
    expect(lines[0]).toBe(`${SERIES}: qER`);
    expect(lines[1]).toMatch(/by the rule .+; 1 instance, modality CT, .+ names head/);
  });

  test('asks the rules of a sources file', async () => {
    const { lines } = await runCli(rulesTest, [HEAD, '--config', ONLY_CHEST, '--json']);
    expect(JSON.parse(lines.join('\n'))).toMatchObject({
      source: 'default',
      series: [{ skip: 'filtered', detail: expect.stringContaining('qER') }],
    });
    const north = await runCli(rulesTest, [HEAD, '--config', TWO, '--source', 'north', '--json']);
    expect(JSON.parse(north.lines.join('\n'))).toMatchObject({ series: [{ product: 'qCT' }] });
  });

  test('has a line for each series, and prints no text of a header', async () => {
    const { lines } = await runCli(rulesTest, [HEAD, OTHER]);
    expect(lines.join('\n')).toMatch(/1\.2\.9: SKIPPED/);
    expect(lines.join('\n')).not.toMatch(/Doe|Jane/);
  });

  test('names what it cannot read, and ends with 1', async () => {
    const { code, errors } = await runCli(rulesTest, [HEAD, file('notes.txt', 'no scan')]);
    expect(code).toBe(1);
    expect(errors).toEqual([expect.stringContaining('notes.txt')]);
  });

  test.each([
    { argv: [join(folder, 'no.dcm')], told: /found none/ },
    { argv: [HEAD, '--config', TWO], told: /several: north, south/ },
    { argv: [HEAD, '--config', TWO, '--source', 'west'], told: /one of north, south/ },
    { argv: [HEAD, '--source', 'west'], told: /--config/ },
    {
      argv: [HEAD, '--config', file('bad.yaml', 'sources: { a: { quality: best } }')],
      told: /sources\.a\.quality/,
    },
    { argv: [HEAD, '--config', join(folder, 'no.yaml')], told: /no\.yaml/ },
  ])('bad use is told: $told', async ({ argv, told }) => {
    const { code, errors } = await runCli(rulesTest, argv);
    expect(code).toBe(2);
    expect(errors.join('\n')).toMatch(told);
  });
});

describe('rules backtest', () => {
  test('shows what would go elsewhere, and the computations', async () => {
    const world = newWorld();
    await completedSeries(world);
    const call = apiOf(world);
    const now = () => world.clock.now();
    const { code, lines } = await runCli(rulesBacktest, [ONLY_CHEST], call, { now });
    expect(code).toBe(0);
    expect(lines.join('\n')).toMatch(new RegExp(`qER +skip: filtered .*${SERIES}`));
    expect(lines).toContainEqual(expect.stringMatching(/^qER +1 +0 +-1$/));
    expect(lines.at(-1)).toBe('1 series compared, 1 would go elsewhere.');
    const same = await runCli(
      rulesBacktest,
      [file('same.yaml', 'sources: { default: {} }'), '--json'],
      call,
      { now },
    );
    expect(JSON.parse(same.lines.join('\n'))).toMatchObject({ compared: 1, changed: [] });
  });

  test('shows costs by the prices that are given', async () => {
    const call: CallApi = async () => ({
      compared: 5,
      unknown: 0,
      changed: [],
      computations: [
        { product: 'qER', before: 4, after: 3 },
        { product: 'qCT', before: 0, after: 2 },
        { product: 'qXR', before: 1, after: 1 },
      ],
    });
    const argv = [file('same.yaml', 'sources: { default: {} }'), '--price', 'qer=2.5', '--price', 'qCT=10'];
    const { lines } = await runCli(rulesBacktest, argv, call);
    expect(lines.slice(0, 4).map((line) => line.split(/ {2,}/))).toEqual([
      ['COMPUTATIONS', 'NOW', 'NEW', 'MORE', 'US$ NOW', 'US$ NEW', 'US$ MORE'],
      ['qER', '4', '3', '-1', '10.00', '7.50', '-2.50'],
      ['qCT', '0', '2', '+2', '0.00', '20.00', '+20.00'],
      ['qXR', '1', '1', '0', '-', '-', '-'],
    ]);
    const json = await runCli(rulesBacktest, [...argv, '--json'], call);
    expect(JSON.parse(json.lines.join('\n'))).toMatchObject({
      computations: [{ product: 'qER', usdBefore: 10, usdAfter: 7.5 }, {}, {}],
    });
    expect((await runCli(rulesBacktest, [...argv, '--price', 'qER'])).code).toBe(2);
  });

  test('tells of a file that is not there what is wrong, without the words of the system', async () => {
    const { code, errors } = await runCli(rulesBacktest, [join(folder, 'nope.yaml')]);
    expect({ code, errors }).toEqual({
      code: 2,
      errors: [expect.stringMatching(/nope\.yaml: expected a sources file .*, got: no file or folder/)],
    });
    expect(errors.join()).not.toContain('ENOENT');
  });

  test('counts series whose instances are gone', async () => {
    const world = newWorld();
    await completedSeries(world);
    world.deps.instances = { ...world.deps.instances, ofSeries: async () => [] };
    const call = apiOf(world);
    const { lines } = await runCli(rulesBacktest, [ONLY_CHEST], call, { now: () => world.clock.now() });
    expect(lines).toEqual([
      '0 series compared, 0 would go elsewhere; of 1 the instances are not known any more.',
    ]);
  });

  test('adds up the pages, and sends no token', async () => {
    const bodies: unknown[] = [];
    const answers = [
      {
        compared: 2,
        unknown: 0,
        changed: [],
        computations: [{ product: 'qER', before: 1, after: 2 }],
        cursor: 'c',
      },
      { compared: 1, unknown: 1, changed: [], computations: [{ product: 'qER', before: 1, after: 1 }] },
    ];
    const call: CallApi = async ({ body }) => {
      bodies.push(body);
      return answers[bodies.length - 1];
    };
    const secret = file(
      'secret.yaml',
      'sources: { default: { qure: { baseUrl: "https://q.example", source: W, token: T0KEN } } }',
    );
    const { lines } = await runCli(rulesBacktest, [secret, '--since', '7d', '--json'], call);
    expect(JSON.parse(lines.join('\n'))).toMatchObject({
      compared: 3,
      unknown: 1,
      computations: [{ product: 'qER', before: 2, after: 3 }],
    });
    expect(JSON.stringify(bodies)).not.toContain('T0KEN');
    expect(bodies).toMatchObject([{ since: '2026-03-05T08:00:00.000Z' }, { cursor: 'c' }]);
  });

  test('tells that the pipeline has no such source', async () => {
    const { code, errors } = await runCli(
      rulesBacktest,
      [file('west.yaml', 'sources: { west: {} }')],
      apiOf(newWorld()),
    );
    expect({ code, errors }).toEqual({ code: 1, errors: [expect.stringContaining('GET /v1/health')] });
  });
});
