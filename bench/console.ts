import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { startQureSimulator } from '@qure-dropoff/qure-simulator';
import { type Browser, chromium } from 'playwright-core';
import { writeRows } from '../functions/aws/table/batches.ts';
import { toSeriesRow } from '../functions/aws/table/series-rows.ts';
import { startTables } from '../local/cloud/table.ts';
import { findConsole } from '../local/host/console-address.ts';
import type { Benchmark, Findings } from './benchmark.ts';
import { connection } from './embedded-cloud.ts';
import { listedSeries } from './listed-series.ts';
import { type HostProcess, startHostProcess } from './local-host.ts';
import { interleave, ratioText, spreadText } from './rounds.ts';
import { ctSlice } from './sample-files.ts';

const SERIES = 10_000;
const ROUNDS = 3;
const CREDENTIALS = { token: 'bench-token', source: 'bench-workspace' };
const PROGRAM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Milliseconds from the address to the first study on screen, beside a view of the same page that lists nothing. */
export const consoleBenchmark: Benchmark = {
  name: 'console',
  async run() {
    if (!existsSync(PROGRAM)) return [notMeasured(PROGRAM)];
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
    let browser: Browser | undefined;
    try {
      // The first start makes the table.
      await (await start()).stop();
      await seed(join(dataDir, 'table'));
      host = await start();
      browser = await chromium.launch({ executablePath: PROGRAM, args: ['--no-sandbox', '--disable-gpu'] });
      const url = findConsole(dataDir) ?? '';
      await shownAfter(browser, url, '.row.study');
      return [await measure(browser, url)];
    } finally {
      await browser?.close();
      await host?.stop();
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measure(browser: Browser, url: string): Promise<Findings> {
  const { ours, baseline } = await interleave(
    ROUNDS,
    () => shownAfter(browser, url, '.row.study'),
    () => shownAfter(browser, `${url}?view=drop`, 'main h2'),
  );
  const { ours: found } = await interleave(
    ROUNDS,
    (round) => shownAfter(browser, `${url}?q=B${100_000 + round * 700}`, '.row.study'),
    async () => 0,
  );
  return {
    title: `Console: milliseconds to the first line, ${SERIES.toLocaleString('en-US')} series`,
    columns: ['', 'ours', 'view of the same page without a list', 'ratio'],
    rows: [
      ['first study of the worklist', spreadText(ours), spreadText(baseline), ratioText(ours, baseline)],
      ['study of an accession number', spreadText(found), spreadText(baseline), ratioText(found, baseline)],
    ],
    notes: [
      'Chromium without a cache opens the address, on the local host with its table; until the frame after the element is in the document.',
      'The view without a list is that of the drop: the same server, document, script and style.',
    ],
  };
}

/** In a profile without a cache, so that each time counts all that a first visit loads. */
async function shownAfter(browser: Browser, url: string, selector: string): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    // A slow machine makes a large number, and no failure.
    context.setDefaultTimeout(0);
    const page = await context.newPage();
    const shown = Promise.withResolvers<number>();
    await page.exposeFunction('tellShown', shown.resolve);
    await page.addInitScript({ content: tellWhenShown(selector) });
    await page.goto(url);
    return await shown.promise;
  } finally {
    await context.close();
  }
}

/** A script for the page: the time of the frame after the element is there. */
function tellWhenShown(selector: string): string {
  return `(function look() {
    const isThere = document.querySelector(${JSON.stringify(selector)}) !== null;
    requestAnimationFrame(isThere ? tellShown : look);
  })();`;
}

async function seed(dataDir: string): Promise<void> {
  const tables = await startTables({ dataDir });
  const client = new DynamoDBClient(connection(tables.url));
  try {
    const { TableNames: [tableName = ''] = [] } = await client.send(new ListTablesCommand({}));
    const table = { client: DynamoDBDocumentClient.from(client), tableName };
    await writeRows(table, listedSeries(SERIES, new Date()).map(toSeriesRow));
  } finally {
    client.destroy();
    await tables.close();
  }
}

function notMeasured(program: string): Findings {
  return { title: 'Console', columns: [''], rows: [], notes: [`Not measured: there is no ${program}.`] };
}
