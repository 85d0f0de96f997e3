import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isAsWideAsItsWindow, mistakesOf } from '../../support/axe.ts';
import { NO_CHROMIUM } from '../../support/chromium.ts';
import { type Look, launchChromium, openPage, PATIENCE_MS } from '../../support/console-browser.ts';
import { type ConsoleSite, startConsoleSite } from '../../support/console-site.ts';
import { consoleWorld, HOSTILE_TEXTS, SOUGHT } from '../../support/console-world.ts';
import { doneRow, failedRow } from '../../support/series-rows.ts';
import type { World } from '../../support/world/world.ts';

if (NO_CHROMIUM !== undefined) console.warn(`skipped: test/system/console/worklist: ${NO_CHROMIUM}`);

const SERIES = 5_000;

let world: World;
let site: ConsoleSite;
let browser: Browser;
beforeAll(async () => {
  if (NO_CHROMIUM !== undefined) return;
  world = await consoleWorld(SERIES);
  site = await startConsoleSite(world);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});
afterEach(async () => {
  if (site !== undefined) site.isDown = false;
  for (const context of browser?.contexts() ?? []) await context.close();
});

/** The first answer of each part that is shown is there. */
const isQuiet = (page: Page) => page.locator('[role=grid][aria-busy=false]').waitFor({ state: 'attached' });
async function open(query = '', look: Look = {}) {
  const opened = await openPage(browser, site.url + query, look);
  await isQuiet(opened.page);
  return opened;
}
const queryOf = (page: Page) => page.evaluate(() => location.search);
/** What is scrolled to has been drawn. */
const nextFrame = (page: Page) =>
  page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
const rows = (page: Page) => page.locator('.row.study');
const row = (page: Page, text: string) => rows(page).filter({ hasText: text });
const setHidden = (page: Page, value: boolean) =>
  page.evaluate((isHidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, value: isHidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, value);

describe.skipIf(NO_CHROMIUM !== undefined)(`the worklist${NO_CHROMIUM ? ` (${NO_CHROMIUM})` : ''}`, () => {
  it.each<[string, Look]>([
    ['wide and light', {}],
    ['wide and dark', { scheme: 'dark' }],
    ['on a phone', { width: 390, height: 844 }],
    ['on a phone, dark', { width: 390, height: 844, scheme: 'dark' }],
  ])('is accessible and as wide as its window: %s', async (_name, look) => {
    const { page, complaints } = await open('', look);
    await rows(page).nth(3).waitFor();
    expect(await mistakesOf(page)).toEqual([]);
    expect(await isAsWideAsItsWindow(page)).toBe(true);
    await rows(page).first().click();
    await page.locator('.panel article').first().waitFor();
    expect(await mistakesOf(page)).toEqual([]);
    expect(await isAsWideAsItsWindow(page)).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('has the head CT of an accession number, and why it waits, by one search and no click', async () => {
    const { page } = await open();
    await page.getByRole('searchbox').fill(SOUGHT.accessionNumber.toLowerCase());
    await page.waitForURL('**/?q=a123');
    await isQuiet(page);
    const found = row(page, SOUGHT.accessionNumber);
    await found.waitFor();
    expect(await found.innerText()).toMatch(
      /CT head[\s\S]*the daily budget of the source is used up; tries again at/,
    );
    expect(await rows(page).count()).toBe(1);
  });

  it.each([
    ['a StudyInstanceUID', SOUGHT.studyInstanceUid],
    ['a SeriesInstanceUID', SOUGHT.seriesInstanceUid],
  ])('finds a study by %s', async (_name, uid) => {
    const { page } = await open(`?q=${uid}`);
    await row(page, SOUGHT.accessionNumber).waitFor();
    expect(await rows(page).count()).toBe(1);
  });

  it('says what to do when nothing is found', async () => {
    const { page } = await open('?q=nobody');
    await page.getByText('No study has the accession number or UID “nobody”.').waitFor();
    await page.getByRole('link', { name: 'Clear the search' }).click();
    await rows(page).first().waitFor();
    expect(await queryOf(page)).toBe('');
  });

  it('says how many filters are set while a phone does not show them', async () => {
    const { page } = await open('?triage=critical&source=north', { width: 390, height: 844 });
    await page.getByRole('button', { name: 'Filters (2)' }).click();
    await page.getByLabel('Triage').waitFor({ state: 'hidden' });
    expect(await page.getByRole('button', { name: 'Filters (2)' }).getAttribute('aria-expanded')).toBe(
      'false',
    );
  });

  it('keeps all its columns beside the details on a 4K screen, and the height of a row follows the letters', async () => {
    const { page } = await open('', { width: 3840, height: 2160 });
    await rows(page).first().click();
    await page.locator('.panel article').waitFor();
    await page.getByRole('columnheader', { name: 'Findings, or why it waits' }).waitFor();
    expect(await isAsWideAsItsWindow(page)).toBe(true);
    const end = (await page.getByRole('columnheader', { name: 'Source' }).boundingBox()) ?? {
      x: 0,
      width: 0,
    };
    const list = (await page.locator('.studies').boundingBox()) ?? { width: Number.POSITIVE_INFINITY };
    expect(end.x + end.width).toBeGreaterThan(0.95 * list.width);
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.locator('.narrow').waitFor();
    const [first, second] = await rows(page).evaluateAll((found) =>
      found.map((one) => one.getBoundingClientRect()).toSorted((one, other) => one.top - other.top),
    );
    expect(first?.height).toBe(90);
    expect(second?.top).toBeGreaterThanOrEqual(first?.bottom ?? 0);
  });

  it('has the critical studies first, then what is under way, the longest first, what failed, then the rest; an abnormal X-ray is not critical', async () => {
    const { page } = await open();
    const byIndex = new Map<number, string>();
    const scroller = page.locator('.scroller');
    while (![...byIndex.values()].some((text) => text.startsWith('Finished'))) {
      const read = await page
        .locator('.row')
        .evaluateAll((found) =>
          found.map((one) => [Number(one.ariaRowIndex), (one as HTMLElement).innerText] as const),
        );
      for (const [index, text] of read) byIndex.set(index, text);
      await scroller.evaluate((element) => element.scrollBy(0, element.clientHeight / 2));
      await nextFrame(page);
    }
    const texts = [...byIndex].toSorted(([one], [other]) => one - other).map(([, text]) => text);
    const order = texts
      .filter((text) => /^(?:Critical|Under way|Failed|Finished) ·/.test(text))
      .map((text) => text.split(' ')[0]);
    expect(order).toEqual(['Critical', 'Under', 'Failed', 'Finished']);
    const critical = texts.slice(
      1,
      texts.findIndex((text) => text.startsWith('Under way')),
    );
    expect(critical.length).toBeGreaterThan(10);
    for (const text of critical) expect(text).toMatch(/^Critical/);
    expect(critical.join('\n')).not.toContain('qXR');
    const waiting = texts[texts.findIndex((text) => text.startsWith('Under way')) + 1];
    const failed = texts[texts.findIndex((text) => text.startsWith('Failed ·')) + 1];
    expect(failed).toMatch(/Qure could not be reached/);
    // The promise of a source is an hour, and its last image came before that.
    expect(waiting).toMatch(/late/);
    expect(waiting).toContain(SOUGHT.accessionNumber);
  });

  it('needs a style, a script and its configuration, each asked for once, before it asks for its first list', async () => {
    const before = site.asked.length;
    await open();
    const [page, ...asked] = site.asked.slice(before).map((one) => one.replace(/-\w{8}\./, '.'));
    expect(page).toBe('/?');
    expect(asked.slice(0, 3).toSorted()).toEqual([
      '/console/config.json?',
      '/console/main.css?',
      '/console/main.js?',
    ]);
    expect(asked[3]).toMatch(/^\/v1\/studies\?.*triage=critical/);
  });

  it('asks for its first list before anything is drawn', async () => {
    const page = await (await browser.newContext()).newPage();
    await page.addInitScript(() => {
      const { fetch } = globalThis;
      globalThis.fetch = (url, given) => {
        const isDrawn = document.querySelector('header') !== null;
        if (String(url).startsWith('/v1/studies'))
          document.documentElement.dataset['drawn'] ??= String(isDrawn);
        return fetch(url, given);
      };
    });
    await page.goto(site.url);
    await rows(page).first().waitFor();
    expect(await page.locator('html').getAttribute('data-drawn')).toBe('false');
  });

  it('shows nothing of a part before the one above it has been answered, so that no row moves, and asks for nothing else', async () => {
    const { page } = await open();
    const held = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    await page.route(
      (url) => url.searchParams.get('triage') === 'critical',
      async (route) => {
        asked.resolve();
        await held.promise;
        await route.continue();
      },
    );
    await page.reload();
    await asked.promise;
    const before = site.asked.length;
    await page.waitForTimeout(500);
    expect(site.asked.slice(before)).toEqual([]);
    expect(await rows(page).count()).toBe(0);
    const counts = page.waitForResponse((response) => response.url().includes('/v1/series/counts'));
    held.resolve();
    await isQuiet(page);
    await counts;
    expect(await rows(page).first().innerText()).toMatch(/^Critical/);
  });

  it('draws only what is in sight, and reads page after page to the end', async () => {
    const { page } = await open('?sort=newest&period=all');
    await rows(page).first().waitFor();
    const scroller = page.locator('.scroller');
    const told = page.locator('p[aria-live]');
    // All of them, and the one that is looked for.
    while ((await told.innerText()) !== `${((SERIES * 2) / 5 + 1).toLocaleString('en')} studies`) {
      await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight));
      await page.waitForTimeout(100);
      expect(await rows(page).count()).toBeLessThan(80);
    }
  });

  it('is used by the keyboard alone', async () => {
    const { page } = await open();
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-key'));
    const second = await rows(page).nth(1).getAttribute('data-key');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await expect.poll(focused, { timeout: PATIENCE_MS }).toBe(second);
    await page.keyboard.press('Enter');
    await page.locator('#panel-title:focus').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.panel').waitFor({ state: 'detached' });
    await expect.poll(focused, { timeout: PATIENCE_MS }).toBe(second);
    await page.keyboard.press('/');
    await page.keyboard.type(SOUGHT.accessionNumber);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/?q=${SOUGHT.accessionNumber}`);
    await row(page, SOUGHT.accessionNumber).waitFor();
    // From the search to the first study by one key, and into it by another.
    await page.keyboard.press('ArrowDown');
    await expect.poll(focused, { timeout: PATIENCE_MS }).toBe(`north/${SOUGHT.studyInstanceUid}`);
    await page.keyboard.press('Enter');
    await page.locator('.panel').getByText('Nothing has to be done').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.panel').waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('Next study').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('keeps filters in the URL, and by a name in the browser', async () => {
    const { page } = await open();
    await page.getByLabel('Product').selectOption('qER');
    await page.getByLabel('Source').selectOption('south');
    await page.getByRole('link', { name: /^Failed/ }).click();
    expect(await queryOf(page)).toBe('?product=qER&source=south&stage=failed');
    await page.getByRole('button', { name: 'Save…' }).click();
    await page.getByLabel('Name').fill(HOSTILE_TEXTS[0].slice(0, 40));
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('link', { name: 'Clear' }).click();
    expect(await queryOf(page)).toBe('');
    await page.reload();
    await page.getByLabel('Saved').selectOption(HOSTILE_TEXTS[0].slice(0, 40));
    expect(await queryOf(page)).toBe('?stage=failed&source=south&product=qER');
    await page.goBack();
    expect(await queryOf(page)).toBe('');
  });

  it('filters by the words of a finding, and refuses those that no study has', async () => {
    const { page } = await open();
    const field = page.getByLabel('Finding', { exact: true });
    await field.focus();
    const option = page.locator('datalist option[label="Intracranial hemorrhage"]');
    await option.waitFor({ state: 'attached' });
    expect(await option.getAttribute('value')).toBe('ICH');
    await field.fill('Intracranial hemorrhage');
    await field.press('Enter');
    await page.waitForURL('**/?finding=ICH');
    await field.fill('Something else');
    await field.press('Enter');
    expect(await field.evaluate((one: HTMLInputElement) => one.validationMessage)).toMatch(/Choose one/);
    expect(await field.inputValue()).toBe('Something else');
    expect(await queryOf(page)).toBe('?finding=ICH');
  });

  it('filters by days, which another period clears', async () => {
    const { page } = await open();
    await page.getByLabel('Period').selectOption('days');
    await page.getByLabel('To', { exact: true }).fill('2001-01-01');
    await page.waitForURL('**/?period=days&to=2001-01-01');
    await page.getByText('No study is found by these filters.').waitFor();
    expect(await mistakesOf(page)).toEqual([]);
    await page.getByLabel('Period').selectOption('24h');
    await page.waitForURL('**/?period=24h');
    await rows(page).first().waitFor();
  });

  it('offers the products that a source has beside those of Qure', async () => {
    const { page } = await open();
    await page.route(
      ({ pathname }) => pathname === '/v1/sources',
      async (route) => {
        const response = await route.fetch();
        const { items } = (await response.json()) as { items: { products: string[] }[] };
        await route.fulfill({
          response,
          json: { items: items.map((one) => ({ ...one, products: ['own'] })) },
        });
      },
    );
    await page.reload();
    const offered = () => page.getByLabel('Product').locator('option').allInnerTexts();
    await expect
      .poll(offered, { timeout: PATIENCE_MS })
      .toEqual(['Any product', 'qER', 'qCT', 'qXR', 'qMSK', 'own']);
  });

  it('shows a change without a reload: a study that becomes critical goes to the top', async () => {
    const { page } = await open();
    await page.evaluate(() => Object.assign(window, { isTheSame: true }));
    const studyInstanceUid = '1.2.999.1';
    world.series.seed(
      doneRow({
        source: 'north',
        studyInstanceUid,
        seriesInstanceUid: `${studyInstanceUid}.1`,
        accessionNumber: 'NEW1',
        usecase: 'qer',
        findings: [{ key: 'ICH', present: true }],
        changedAt: new Date().toISOString(),
      }),
    );
    await row(page, 'NEW1').waitFor();
    expect(await rows(page).first().innerText()).toMatch(/Critical[\s\S]*NEW1[\s\S]*Intracranial hemorrhage/);
    expect(await page.evaluate(() => 'isTheSame' in window)).toBe(true);
  });

  it('REQ-SIM-1: marks the results of the simulator, whoever answers now, and no other study', async () => {
    const { page } = await open();
    const at = { source: 'north', changedAt: new Date().toISOString() };
    const of = (n: number) => ({
      ...at,
      studyInstanceUid: `1.2.996.${n}`,
      seriesInstanceUid: `1.2.996.${n}.1`,
      accessionNumber: `S${n}`,
    });
    world.series.seed(doneRow({ ...of(1), modelVersion: 'simulator' }));
    world.series.seed(doneRow({ ...of(2), modelVersion: '3.1' }));
    world.series.seed(failedRow(of(3)));
    await row(page, 'S2').waitFor();
    expect(await row(page, 'S1').innerText()).toContain('Simulated');
    expect(await row(page, 'S2').innerText()).not.toContain('Simulated');
    await page.goto(`${site.url}?stage=failed`);
    await row(page, 'S3').waitFor();
    expect(await row(page, 'S3').innerText()).not.toContain('Simulated');
  });

  it.each<[string, Look]>([
    ['wide', {}],
    ['on a phone', { width: 390, height: 844 }],
  ])('has many findings in one line, the mark of the simulator beside them: %s', async (_name, look) => {
    const keys = ['ICH', 'MIDLINE_SHIFT', 'MASS_EFFECT', 'CRANIAL_FRACTURE', 'LARGE_VESSEL_OCCLUSION'];
    world.series.seed(
      doneRow({
        source: 'north',
        studyInstanceUid: '1.2.995.1',
        seriesInstanceUid: '1.2.995.1.1',
        accessionNumber: 'MANY1',
        usecase: 'qer',
        modelVersion: 'simulator',
        findings: keys.map((key) => ({ key, present: true })),
        changedAt: new Date().toISOString(),
      }),
    );
    const { page } = await open('', look);
    const text = row(page, 'MANY1').locator('.summary bdi');
    await text.waitFor();
    expect(await text.getAttribute('title')).toMatch(/Intracranial hemorrhage, .*Large vessel occlusion/);
    const [height, lineHeight, isCut] = await text.evaluate((one) => {
      const line = Number.parseFloat(getComputedStyle(one).fontSize) * 1.6;
      return [one.getBoundingClientRect().height, line, one.scrollWidth > one.clientWidth] as const;
    });
    expect(height).toBeLessThan(lineHeight);
    expect(isCut).toBe(true);
  });

  it('shows its bars and the present view in forced colours', async () => {
    const { page } = await open();
    await page.emulateMedia({ forcedColors: 'active' });
    const colourOf = (selector: string, name: 'background-color' | 'border-bottom-color') =>
      page
        .locator(selector)
        .first()
        .evaluate((one, property) => getComputedStyle(one).getPropertyValue(property), name);
    const back = await colourOf('.row.study', 'background-color');
    expect(await colourOf('.progress-part', 'background-color')).not.toBe(back);
    expect(await colourOf('.top nav a[aria-current]', 'border-bottom-color')).not.toBe(
      await colourOf('.top nav a:not([aria-current])', 'border-bottom-color'),
    );
  });

  it('keeps what it shows while the server is down, says so, and goes on by itself', async () => {
    const { page } = await open();
    site.isDown = true;
    await page.getByRole('alert').waitFor();
    expect(await rows(page).count()).toBeGreaterThan(5);
    site.isDown = false;
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  it('has a critical study that came while it was not seen, however much has changed after it', async () => {
    const { page } = await open();
    await page.waitForResponse((response) => response.url().includes('since='));
    await setHidden(page, true);
    const changedAt = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
    const missed = '1.2.998.1';
    world.series.seed(
      doneRow({
        source: 'north',
        studyInstanceUid: missed,
        seriesInstanceUid: `${missed}.1`,
        accessionNumber: 'MISSED1',
        usecase: 'qer',
        findings: [{ key: 'ICH', present: true }],
        changedAt: changedAt(0),
      }),
    );
    for (let at = 0; at < 520; at += 1)
      world.series.seed(
        failedRow({
          source: 'north',
          studyInstanceUid: `1.2.997.${at}`,
          seriesInstanceUid: `1.2.997.${at}.1`,
          changedAt: changedAt(30),
        }),
      );
    await setHidden(page, false);
    await row(page, 'MISSED1').waitFor();
    expect(await rows(page).first().innerText()).toContain('MISSED1');
  });

  it('asks nothing while it is not seen', async () => {
    const { page } = await open();
    await setHidden(page, true);
    // What was under way ends, and then there is a time without any request that is longer than each of its intervals.
    const countIn = async (ms: number) => {
      const before = site.asked.length;
      await page.waitForTimeout(ms);
      return site.asked.length - before;
    };
    await expect.poll(() => countIn(15_000), { timeout: PATIENCE_MS }).toBe(0);
  });
});
