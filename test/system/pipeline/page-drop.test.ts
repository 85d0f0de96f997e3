import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NO_CHROMIUM } from '../../support/chromium.ts';
import { launchChromium, openPage, PATIENCE_MS } from '../../support/console-browser.ts';
import { headSlice, type Pipeline, startPipeline } from '../../support/pipeline.ts';
import { zipOf } from '../../support/zip.ts';

if (NO_CHROMIUM !== undefined) console.warn(`skipped: test/system/pipeline/page-drop: ${NO_CHROMIUM}`);

let pipeline: Pipeline;
let browser: Browser;
beforeAll(async () => {
  if (NO_CHROMIUM !== undefined) return;
  // Longer than the tests' patience: only the marker of the page completes a series.
  pipeline = await startPipeline({ quietPeriodSeconds: 86_400 });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await pipeline?.stop();
});
afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close();
});

const slices = (uid: string, count: number) =>
  Array.from({ length: count }, (_, at) => headSlice(uid, at + 1));

async function drop(page: Page, files: { name: string; buffer: Buffer }[]): Promise<void> {
  await page.getByRole('button', { name: 'Drop folders, files or zips here' }).waitFor();
  const given = files.map((file) => ({ ...file, mimeType: 'application/octet-stream' }));
  await page.getByLabel('Files').setInputFiles(given);
  await page.getByLabel('Source').selectOption('sitea');
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await page.getByText('Everything is there, and marked complete.').waitFor();
}

/** Of a study with one series. */
async function openStudy(page: Page, uid: string): Promise<void> {
  await page.getByRole('link', { name: 'To the worklist' }).click();
  await page.getByRole('searchbox').fill(uid);
  await page.getByRole('searchbox').press('Enter');
  const line = page.getByRole('row').filter({ hasText: 'qER' });
  await line.waitFor();
  await line.click();
}

describe.skipIf(NO_CHROMIUM !== undefined)(`a whole host${NO_CHROMIUM ? ` (${NO_CHROMIUM})` : ''}`, () => {
  it(
    'computes a zip that is dropped on its page: the line appears, then the findings and the report',
    async () => {
      const uid = '1.2.830.1';
      const { page, complaints } = await openPage(browser, `${pipeline.host.console.url}?view=drop`);
      const entries = slices(uid, 4).map((content, at) => ({ name: `Doe^Jane/${at}.dcm`, content }));
      await drop(page, [{ name: 'Doe^Jane.zip', buffer: zipOf(entries) }]);
      await openStudy(page, `${uid}.0`);
      const panel = page.locator('.panel');
      await panel.locator('.findings').waitFor();
      expect(await pipeline.final(uid)).toMatchObject({ state: 'DONE', instances: 4, evidence: 'marker' });

      // The links of the host lead to another port, whose server lets this page frame them.
      const answered = page.waitForResponse((response) => response.url().includes('/files/pdf/'));
      await panel.getByRole('button', { name: 'Show Report (PDF)' }).click();
      expect((await answered).status()).toBe(200);
      // A series without results answers 404 for them, of which the browser tells.
      expect(complaints.filter((complaint) => !complaint.includes('404'))).toEqual([]);
    },
    PATIENCE_MS,
  );

  it(
    'counts the instances of files that are dropped on its page',
    async () => {
      const uid = '1.2.830.2';
      const { page } = await openPage(browser, `${pipeline.host.console.url}?view=drop`);
      const [first = Buffer.alloc(0), ...others] = slices(uid, 3);
      const files = [first, first, ...others].map((buffer, at) => ({ name: `${at}.dcm`, buffer }));
      await drop(page, files);
      expect(await pipeline.final(uid)).toMatchObject({ state: 'DONE', instances: 3, evidence: 'count' });
    },
    PATIENCE_MS,
  );
});
