import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { startQureSimulator } from '@qure-dropoff/qure-simulator';
import { type Browser, chromium } from 'playwright-core';
import { createAccessionStore } from '../functions/aws/table/accession-store.ts';
import { writeRows } from '../functions/aws/table/batches.ts';
import { createReconcileStore } from '../functions/aws/table/reconcile-store.ts';
import { toSeriesRow } from '../functions/aws/table/series-rows.ts';
import { mapConcurrently } from '../functions/shared/concurrency.ts';
import { startTables } from '../local/cloud/table.ts';
import { findConsole } from '../local/host/console-address.ts';
import type { Benchmark, Findings } from './benchmark.ts';
import { measureRequests, type RequestTimes, requestFindings } from './console-requests.ts';
import { connection } from './embedded-cloud.ts';
import { accessionNumberOf, listedSeries } from './listed-series.ts';
import { type HostProcess, startHostProcess } from './local-host.ts';
import { interleave, type Rounds, ratioText, spreadText } from './rounds.ts';
import { ctSlice } from './sample-files.ts';
import { shownAfter } from './shown-after.ts';

const SIZES = [500, 10_000];
const ROUNDS = 5;
const PUTS_AT_ONCE = 16;
const CREDENTIALS = { token: 'bench-token', source: 'bench-workspace' };
const PROGRAM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

interface PageTimes {
  series: number;
  worklist: Rounds<number>;
  search: Rounds<number>;
}

/** Milliseconds from the address to the first study on screen, beside a view of the same page that lists nothing; and of the requests. */
export const consoleBenchmark: Benchmark = {
  name: 'console',
  async run() {
    if (!existsSync(PROGRAM)) return [notMeasured(PROGRAM)];
    const pages: PageTimes[] = [];
    const requests: RequestTimes[] = [];
    for (const series of SIZES) {
      await overHost(series, async (url) => {
        const browser = await chromium.launch({
          executablePath: PROGRAM,
          args: ['--no-sandbox', '--disable-gpu'],
        });
        try {
          pages.push(await measurePage(browser, url, series));
        } finally {
          await browser.close();
        }
        requests.push(await measureRequests(url, series, ROUNDS));
      });
    }
    return [pageFindings(pages), requestFindings(requests)];
  },
};

/** A local host whose table has so many series. */
async function overHost(series: number, measure: (url: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'qure-dropoff-bench-'));
  const dataDir = join(folder, 'data');
  const path = join(folder, 'warm-up');
  mkdirSync(path);
  writeFileSync(join(path, '1.dcm'), ctSlice({ series: 'console-warm-up', instanceNumber: 1 }));
  const simulator = await startQureSimulator({ ...CREDENTIALS, computeDelayMs: 0 });
  const start = () =>
    startHostProcess({
      dataDir,
      path,
      quietPeriodSeconds: 1,
      credentials: { ...CREDENTIALS, baseUrl: simulator.baseUrl },
    });
  let host: HostProcess | undefined;
  try {
    // The first start makes the table.
    await (await start()).stop();
    await seed(join(dataDir, 'table'), series);
    host = await start();
    await measure(findConsole(dataDir) ?? '');
  } finally {
    await host?.stop();
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measurePage(browser: Browser, url: string, series: number): Promise<PageTimes> {
  await shownAfter(browser, url, '.row.study');
  const worklist = await interleave(
    ROUNDS,
    () => shownAfter(browser, url, '.row.study'),
    () => shownAfter(browser, `${url}?view=drop`, 'main h2'),
  );
  const search = await interleave(
    ROUNDS,
    (round) =>
      shownAfter(
        browser,
        `${url}?q=${accessionNumberOf(Math.floor((round * series) / ROUNDS))}`,
        '.row.study',
      ),
    () => shownAfter(browser, `${url}?view=drop`, 'main h2'),
  );
  return { series, worklist, search };
}

function pageFindings(pages: readonly PageTimes[]): Findings {
  const rowOf = (what: string, { ours, baseline }: Rounds<number>) => [
    what,
    spreadText(ours),
    spreadText(baseline),
    ratioText(ours, baseline),
  ];
  return {
    title: 'Console: milliseconds to the first line',
    columns: ['', 'ours', 'view of the same page without a list', 'ratio'],
    rows: pages.flatMap(({ series, worklist, search }) => {
      const size = `${series.toLocaleString('en-US')} series`;
      return [
        rowOf(`first study of the worklist, ${size}`, worklist),
        rowOf(`study of an accession number, ${size}`, search),
      ];
    }),
    notes: [
      'Chromium without a cache opens the address, on the local host with its table; until the frame after the element is in the document.',
      'The view without a list is that of the drop: the same server, document, script and style.',
    ],
  };
}

async function seed(dataDir: string, count: number): Promise<void> {
  const tables = await startTables({ dataDir });
  const client = new DynamoDBClient(connection(tables.url));
  try {
    const { TableNames: [tableName = ''] = [] } = await client.send(new ListTablesCommand({}));
    const table = { client: DynamoDBDocumentClient.from(client), tableName };
    const series = listedSeries(count, new Date());
    await writeRows(table, series.map(toSeriesRow));
    const accessions = createAccessionStore(table);
    await mapConcurrently(series, PUTS_AT_ONCE, accessions.add);
    // Otherwise the first start may leave a pass to the next one, which compares these series while they are listed.
    await createReconcileStore(table).savePass({ startedAt: new Date().toISOString(), counts: {} });
  } finally {
    client.destroy();
    await tables.close();
  }
}

function notMeasured(program: string): Findings {
  return { title: 'Console', columns: [''], rows: [], notes: [`Not measured: there is no ${program}.`] };
}
