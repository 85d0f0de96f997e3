import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isAsWideAsItsWindow, mistakesOf } from '../../support/axe.ts';
import { NO_CHROMIUM } from '../../support/chromium.ts';
import { type Look, launchChromium, openPage } from '../../support/console-browser.ts';
import { addResult, WITH_RESULT } from '../../support/console-result.ts';
import { type ConsoleSite, startConsoleSite } from '../../support/console-site.ts';
import { consoleWorld, HOSTILE_TEXTS, SOUGHT } from '../../support/console-world.ts';
import { doneRow, failedRow } from '../../support/series-rows.ts';
import type { World } from '../../support/world/world.ts';

if (NO_CHROMIUM !== undefined) console.warn(`skipped: test/system/console/detail: ${NO_CHROMIUM}`);

const RESULT = `?study=${WITH_RESULT.source}/${WITH_RESULT.studyInstanceUid}`;
const FAILED = { source: 'south', studyInstanceUid: '1.2.826.600', seriesInstanceUid: '1.2.826.600.1' };

const SIMULATED = { source: 'south', studyInstanceUid: '1.2.826.601', seriesInstanceUid: '1.2.826.601.1' };

let world: World;
let site: ConsoleSite;
let browser: Browser;
beforeAll(async () => {
  if (NO_CHROMIUM !== undefined) return;
  world = await consoleWorld(60);
  await addResult(world, HOSTILE_TEXTS[0]);
  world.series.seed(failedRow({ ...FAILED, reason: 'qure_unavailable', detail: HOSTILE_TEXTS[1] }));
  world.series.seed(doneRow({ ...SIMULATED, modelVersion: 'simulator' }));
  site = await startConsoleSite(world);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});
afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close();
});

const open = (query: string, look: Look = {}) => openPage(browser, site.url + query, look);
const panel = (page: Page) => page.locator('.panel');
/** Changes what the API says of the series with a result: `ending` is what follows its UID in the path. */
async function answerWith(
  page: Page,
  ending: string,
  change: (body: Record<string, unknown>, query: URLSearchParams) => object,
): Promise<void> {
  const path = `/v1/series/${WITH_RESULT.seriesInstanceUid}${ending}`;
  await page.route(
    ({ pathname }) => pathname === path,
    async (route) => {
      const query = new URL(route.request().url()).searchParams;
      const url = new URL(route.request().url());
      url.searchParams.delete('cursor');
      const response = await route.fetch({ url: url.href });
      await route.fulfill({ response, json: change(await response.json(), query) });
    },
  );
}
const actionsOf = ({ source, seriesInstanceUid }: typeof FAILED) =>
  world.audit.ofSeries({ source, seriesInstanceUid }, 10);

describe.skipIf(NO_CHROMIUM !== undefined)(
  `the details of a study${NO_CHROMIUM ? ` (${NO_CHROMIUM})` : ''}`,
  () => {
    it.each<[string, Look]>([
      ['wide and light', {}],
      ['wide and dark', { scheme: 'dark' }],
      ['on a phone', { width: 390, height: 844 }],
      ['on a phone, dark', { width: 390, height: 844, scheme: 'dark' }],
    ])('are accessible and as wide as the window, with hostile texts: %s', async (_name, look) => {
      const { page, complaints } = await open(RESULT, look);
      await panel(page).locator('canvas:not([hidden])').waitFor();
      await panel(page).locator('img').waitFor();
      expect(await mistakesOf(page)).toEqual([]);
      expect(await isAsWideAsItsWindow(page)).toBe(true);
      expect(await panel(page).getByText(HOSTILE_TEXTS[0]).count()).toBeGreaterThan(3);
      expect(await page.evaluate('window.hacked')).toBeUndefined();
      expect(complaints).toEqual([]);
    });

    it('have the findings, those that are present first, with scores, and what is wrong with the series', async () => {
      const { page } = await open(RESULT);
      const rows = panel(page).locator('.findings tbody tr');
      await rows.first().waitFor();
      expect(await rows.first().innerText()).toMatch(/Intracranial hemorrhage\s+Present\s+0\.93/);
      expect(await rows.nth(1).locator('td').first().innerText()).toBe('Named, presence not stated');
      expect(await rows.last().innerText()).toMatch(/Midline shift\s+Absent\s+0\.12/);
      const text = await panel(page).innerText();
      expect(
        await panel(page)
          .getByRole('heading', { name: /^CT head qER · Done/ })
          .innerText(),
      ).toMatch(/Critical$/);
      for (const part of ['critical: an expert must read it at once', 'Missing images, by number: 7, 8.'])
        expect(text).toContain(part);
      expect(text).toMatch(
        /Judged complete its sender does not pause for so long, needed 4\.9 s without an image: at most one in 200 of 412 earlier series .* longer than 2\.4 s, 24 images/,
      );
    });

    it('REQ-SIM-1: mark a result of the simulator, whoever answers now, and none of Qure', async () => {
      const { page } = await open(`?study=${SIMULATED.source}/${SIMULATED.studyInstanceUid}`);
      await panel(page).locator('.simulated-note').waitFor();
      await page.goto(site.url + RESULT);
      await panel(page).locator('.findings').waitFor();
      expect(await panel(page).locator('.simulated-note').count()).toBe(0);
    });

    it('draw a secondary capture from its DICOM file', async () => {
      const { page } = await open(RESULT);
      const canvas = panel(page).locator('canvas:not([hidden])');
      await canvas.waitFor();
      const shades = await canvas.evaluate((element) => {
        const { width, height } = element as HTMLCanvasElement;
        const pixels =
          (element as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
        return [...new Set(pixels)].length;
      });
      expect(shades).toBeGreaterThan(1);
    });

    it('link to the report, the answer and the provenance, which are not this page', async () => {
      const { page } = await open(RESULT);
      for (const name of ['Report (PDF)', 'Answer of Qure (JSON)', 'Provenance (JSON)']) {
        const link = panel(page).getByRole('link', { name });
        await link.waitFor();
        expect(await link.getAttribute('rel')).toBe('noopener noreferrer');
        const answer = await fetch((await link.getAttribute('href')) ?? '');
        expect(answer.status).toBe(200);
      }
    });

    it('show no files and findings of another generation than that of the series', async () => {
      const { page } = await open('?view=drop');
      const stated = { series: 1, results: 2 };
      await answerWith(page, '', (body) => ({ ...body, generation: stated.series }));
      await answerWith(page, '/results', (body) => ({ ...body, generation: stated.results }));
      await page.goto(site.url + RESULT);
      await panel(page).getByText('What happened').waitFor();
      expect(await panel(page).locator('.findings, .previews, .files').count()).toBe(0);
      stated.series = 2;
      await addResult(world, HOSTILE_TEXTS[0], new Date(Date.now() + 1000));
      await panel(page).locator('.findings').waitFor();
      await panel(page).locator('.files').waitFor();
    });

    it('list none of the further files of an earlier generation', async () => {
      const { page } = await open('?view=drop');
      let generation = 1;
      await answerWith(page, '', (body) => ({ ...body, generation }));
      await answerWith(page, '/results', (body, query) => {
        const { assets, cursor: _, ...others } = body;
        const [asset] = assets as object[];
        if (query.has('cursor'))
          return { ...others, generation, assets: [{ ...asset, key: 'a', type: 'old_json' }] };
        return { ...others, assets, generation, ...(generation === 1 && { cursor: 'further' }) };
      });
      await page.goto(site.url + RESULT);
      await panel(page).getByRole('button', { name: 'More files' }).click();
      await panel(page).getByRole('link', { name: 'old json' }).waitFor();
      generation = 2;
      await addResult(world, HOSTILE_TEXTS[0], new Date(Date.now() + 2000));
      await panel(page).getByRole('link', { name: 'old json' }).waitFor({ state: 'detached' });
      await panel(page).getByRole('link', { name: 'Report (PDF)' }).waitFor();
    });

    it('show the same series when another one is done, and list those of a second page', async () => {
      const study = { source: 'south', studyInstanceUid: '1.2.826.700' };
      const uid = (number: number) => `${study.studyInstanceUid}.${number}`;
      for (let number = 1; number <= 201; number += 1)
        world.series.seed(
          failedRow({ ...study, seriesInstanceUid: uid(number), reason: 'qure_unavailable' }),
        );
      const { page } = await open(`?study=${study.source}/${study.studyInstanceUid}`);
      await panel(page).locator('article').waitFor();
      expect(await panel(page).locator('.series-list a').count()).toBe(201);
      const shown = () => panel(page).locator('article .uid').last().innerText();
      const first = await shown();
      const other = first === uid(1) ? uid(2) : uid(1);
      world.series.seed(
        doneRow({ ...study, seriesInstanceUid: other, triageStatus: 'critical', resultFiles: [] }),
      );
      await panel(page).locator('.series-list a').filter({ hasText: 'Done' }).waitFor();
      expect(await shown()).toBe(first);
    });

    it('say that a study is not there, rather than that it has no accession number', async () => {
      const { page } = await open('?study=north/9.9.9');
      await panel(page).getByRole('heading', { name: 'Study not found' }).waitFor();
    });

    it('say why a series waits, and offer nothing that would be refused', async () => {
      const { page } = await open(`?study=north/${SOUGHT.studyInstanceUid}`);
      await panel(page).getByText('the daily budget of the source is used up').waitFor();
      await panel(page).getByText('it goes on after midnight UTC').waitFor();
      await panel(page)
        .getByText('The source promises results within 1 h 00 min of the last image')
        .waitFor();
      expect(await panel(page).getByRole('button').allInnerTexts()).toEqual(['Close']);
    });

    it('name who did something, and say the advice of a stopped source once', async () => {
      const { page } = await open('?view=drop');
      const action = { kind: 'retry', by: 'https://login.example#7f3a', at: new Date().toISOString() };
      await answerWith(page, '', (body) => ({
        ...body,
        state: 'FAILED',
        reason: 'auth_rejected',
        detail: 'Qure rejected the token (401). Put a valid one into QURE_TOKEN.',
        actions: [{ ...action, byName: 'Ann Lee', request: {} }],
      }));
      await page.goto(site.url + RESULT);
      await panel(page).getByText('Tried again by Ann Lee').waitFor();
      expect(await panel(page).getByText('Ann Lee').getAttribute('title')).toBe(action.by);
      expect(await panel(page).innerText()).not.toContain(action.by);
      expect(await panel(page).locator('.is-failed p').count()).toBe(0);
    });

    it('try a failed series again by the keyboard alone, with a reason that is recorded', async () => {
      const { page } = await open(`?study=${FAILED.source}/${FAILED.studyInstanceUid}`);
      await panel(page).getByText('Qure could not be reached').waitFor();
      await panel(page).getByText('Try again when Qure can be reached.').waitFor();
      await panel(page).getByRole('button', { name: 'Try again…' }).focus();
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog');
      await dialog.waitFor();
      expect(await mistakesOf(page)).toEqual([]);
      await dialog.getByRole('button', { name: 'Try this series again' }).focus();
      await page.keyboard.press('Enter');
      // Without a reason nothing is sent.
      expect(await actionsOf(FAILED)).toEqual([]);
      await dialog.getByRole('textbox').focus();
      await page.keyboard.type('Qure is back');
      await dialog.getByRole('button', { name: 'Try this series again' }).focus();
      await page.keyboard.press('Enter');
      await dialog.waitFor({ state: 'detached' });
      await panel(page).getByText('“Qure is back”').waitFor();
      expect(await actionsOf(FAILED)).toMatchObject([
        { kind: 'retry', comment: 'Qure is back', request: {} },
      ]);
    });

    it('compute again, and say what the server has refused', async () => {
      const { page } = await open(RESULT);
      await panel(page).getByRole('button', { name: 'Choose a product…' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText(`${WITH_RESULT.accessionNumber} · CT head qER · 24 images`).waitFor();
      // The first field has the focus.
      await page.keyboard.type('qXYZ');
      expect(await dialog.getByRole('combobox').inputValue()).toBe('qXYZ');
      await dialog.getByRole('textbox').fill('a trial');
      await dialog.getByRole('button', { name: 'Send this series to a product' }).click();
      await dialog.getByRole('alert').waitFor();
      await page.keyboard.press('Escape');
      await panel(page).getByRole('button', { name: 'Compute again…' }).click();
      await dialog.getByRole('textbox').fill('the scanner sent half of it first');
      await dialog.getByRole('button', { name: 'Compute this series again' }).click();
      await dialog.waitFor({ state: 'detached' });
      const [action] = await actionsOf(WITH_RESULT);
      expect(action).toMatchObject({
        request: { recompute: true },
        comment: 'the scanner sent half of it first',
      });
    });
  },
);
