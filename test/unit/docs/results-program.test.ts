import { expect, test } from 'vitest';
import { examplesOf } from '../../support/page-examples.ts';
import { skippedRow } from '../../support/series-rows.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { resultsAnswer } from '../../support/world/qure-answers.ts';
import { computingSeries } from '../../support/world/stages.ts';
import { askApi } from '../api/ask-api.ts';
import { runPoll } from '../results/run-poll.ts';

const PAGE = 'docs/how-to-results-for-a-program.md';
const ACCESSION = 'A 1/2';

/** What the program of the page prints; test/system/docs runs it as a reader does. */
async function outputOf(ask: (path: string, query: Record<string, string>) => Promise<unknown>) {
  const [program] = examplesOf(PAGE, 'js');
  const lines: string[] = [];
  const fetchApi = async (given: string) => {
    const { pathname, searchParams } = new URL(given);
    return { ok: true, json: () => ask(pathname, Object.fromEntries(searchParams)) };
  };
  const run = Object.getPrototypeOf(async () => {}).constructor(
    'fetch',
    'console',
    'process',
    program?.text.replace(/^import .*\n/m, ''),
  );
  await run(fetchApi, { log: (line: string) => lines.push(line) }, { argv: ['node', '', ACCESSION] });
  return lines;
}

test('the program of the page calls no finding absent of which Qure does not state it, and reads every page', async () => {
  const world = newWorld();
  const overrides = { accessionNumber: ACCESSION };
  const message = await computingSeries(world, { count: 1, product: 'qXR', overrides });
  const report = {
    findings: 'Large right pneumothorax',
    findings_list: [['PNEUMOTHORAX', 'Large right pneumothorax']],
  };
  world.qure.instanceResults.always(
    resultsAnswer(200, { triage_status: 'Critical', usecase: 'qxr', result: { report, files: {} } }),
  );
  await runPoll(world, message);
  const changedAt = '2026-03-02T00:00:00.000Z';
  const other = { ...skippedRow({ source: 'default', changedAt }), accessionNumber: ACCESSION };
  world.series.seed(other);
  await world.accessions.add(other);
  const limits: unknown[] = [];
  const lines = await outputOf(async (path, query) => {
    limits.push(query['limit']);
    const isList = path === '/v1/series';
    return (await askApi(world, path, { query: isList ? { ...query, limit: '1' } : query })).body;
  });
  expect(lines).toEqual([
    'SKIPPED  localizer',
    'DONE qXR ',
    '  not stated  -  Pneumothorax  Large right pneumothorax',
  ]);
  expect(limits).toEqual(['100', '100', undefined]);
});
