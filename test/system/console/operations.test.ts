import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isAsWideAsItsWindow, mistakesOf } from '../../support/axe.ts';
import { NO_CHROMIUM } from '../../support/chromium.ts';
import { type Look, launchChromium, openPage } from '../../support/console-browser.ts';
import { type ConsoleSite, startConsoleSite } from '../../support/console-site.ts';
import {
  emptyWorld,
  hostileCost,
  LETTER_OF,
  TRUNCATED,
  troubledWorld,
} from '../../support/console-troubles.ts';
import { HOSTILE_TEXTS } from '../../support/console-world.ts';
import type { World } from '../../support/world/world.ts';

if (NO_CHROMIUM !== undefined) console.warn(`skipped: test/system/console/operations: ${NO_CHROMIUM}`);

let world: World;
let site: ConsoleSite;
let nothing: ConsoleSite;
let browser: Browser;
beforeAll(async () => {
  if (NO_CHROMIUM !== undefined) return;
  world = await troubledWorld();
  site = await startConsoleSite(world, 'simulator', { readMonthCost: async () => hostileCost() });
  nothing = await startConsoleSite(emptyWorld());
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
  await nothing?.close();
});
afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close();
});

const LOOKS: [string, Look][] = [
  ['wide and light', {}],
  ['wide and dark', { scheme: 'dark' }],
  ['on a phone', { width: 390, height: 844 }],
  ['on a phone, dark', { width: 390, height: 844, scheme: 'dark' }],
];

const open = (view: string, look: Look = {}, at = site) => openPage(browser, `${at.url}?view=${view}`, look);
const part = (page: Page, name: string) =>
  page.locator('.group').filter({ has: page.getByRole('heading', { name, exact: true }) });

async function openAllDetails(page: Page): Promise<void> {
  for (const summary of await page.locator('summary').all()) await summary.click();
}

async function expectSound(page: Page, complaints: string[]): Promise<void> {
  expect(await mistakesOf(page)).toEqual([]);
  expect(await isAsWideAsItsWindow(page)).toBe(true);
  expect(await page.evaluate('window.hacked')).toBeUndefined();
  expect(complaints).toEqual([]);
}

describe.skipIf(NO_CHROMIUM !== undefined)(`quarantine${NO_CHROMIUM ? ` (${NO_CHROMIUM})` : ''}`, () => {
  it.each(LOOKS)('is accessible and as wide as the window, with hostile keys: %s', async (_name, look) => {
    const { page, complaints } = await open('quarantine', look);
    await page.getByRole('heading', { name: /^Not DICOM/ }).waitFor();
    await openAllDetails(page);
    await page.getByText(HOSTILE_TEXTS[0], { exact: true }).first().waitFor();
    await expectSound(page, complaints);
  });

  it('groups by reason with what to do, and shows no key before a person asks for them', async () => {
    const { page } = await open('quarantine');
    await page.getByText('Not a DICOM file. Leave it out at the sender').waitFor();
    expect(await page.locator('main').innerText()).not.toContain('north/');
    expect(await page.getByRole('heading', { name: /^Truncated/ }).innerText()).toMatch(/\d+\+ · truncated/);
  });

  it('reads further pages when a person asks for them', async () => {
    const { page } = await open('quarantine');
    await page.getByRole('button', { name: 'Read more' }).click();
    await page.getByRole('heading', { name: new RegExp(`^Truncated ${TRUNCATED} `) }).waitFor();
    expect(await page.getByRole('button', { name: 'Read more' }).count()).toBe(0);
  });

  it('says when there is none, and when the server does not answer', async () => {
    const { page } = await open('quarantine', {}, nothing);
    await page.getByText('Nothing is in quarantine.').waitFor();
    expect(await mistakesOf(page)).toEqual([]);
    await page.route('**/v1/quarantine?*', (route) => route.abort());
    await page.reload();
    await page.getByRole('alert').getByText('The server has not answered since').waitFor();
    await page.getByText('Not loaded.').waitFor();
  });
});

describe.skipIf(NO_CHROMIUM !== undefined)(`operations${NO_CHROMIUM ? ` (${NO_CHROMIUM})` : ''}`, () => {
  it.each(LOOKS)('are accessible and as wide as the window: %s', async (_name, look) => {
    const { page, complaints } = await open('operations', look);
    await page.getByText('The body is no event of S3.').waitFor();
    await page.getByText('All: last image to result').waitFor();
    await page.getByRole('rowheader', { name: /^south/ }).waitFor();
    await page.getByText('US$ 1,234.50').waitFor();
    await openAllDetails(page);
    await expectSound(page, complaints);
  });

  it('have nothing to the side of a phone', async () => {
    const { page } = await open('operations', { width: 390, height: 844 });
    await page.getByText('The body is no event of S3.').waitFor();
    await page.getByText('All: last image to result').waitFor();
    await page.getByRole('rowheader', { name: /^south/ }).waitFor();
    await openAllDetails(page);
    const hidden = await page
      .locator('.scroll')
      .evaluateAll((all) => all.map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth));
    expect(hidden.length).toBeGreaterThanOrEqual(4);
    // A width of a part of a pixel is rounded up.
    expect(Math.max(...hidden)).toBeLessThanOrEqual(1);
    // The view scrolls by itself, below the header.
    expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBe(0);
  });

  it('tell which source is stopped and why, and what of the limits is used', async () => {
    const { page } = await open('operations');
    const sources = part(page, 'Sources');
    const south = sources.getByRole('row', { name: /^south/ });
    await south.waitFor();
    expect(await south.innerText()).toMatch(
      /Stopped for 1 h 0\d min: Qure rejects the token of the source\. A series tries again from .* on\./,
    );
    const north = await sources.getByRole('row', { name: /^north/ }).innerText();
    expect(north).toContain('0 of 3');
    expect(north).toContain('0 of 40');
    expect(north).toContain('1 h 00 min');
    await page.getByText('Degraded').waitFor();
    await page.getByText('1 stopped').waitFor();
  });

  it('tell on the worklist which source is stopped, and lead from there to more', async () => {
    const { page } = await open('worklist');
    const line = page.locator('.stopped');
    await line.waitFor();
    expect(await line.innerText()).toBe(
      'south is stopped: Qure rejects the token of the source. See Operations',
    );
    await line.getByRole('link', { name: 'See Operations' }).click();
    await page.getByText('1 stopped').waitFor();
  });

  it('count series by state, and say how long results took', async () => {
    const { page } = await open('operations');
    const counts = part(page, 'Series by state');
    await counts.getByText('Computing').waitFor();
    expect(await counts.innerText()).toMatch(/Computing\s+15\s/);
    expect(await counts.getByRole('link', { name: '15 Computing: their studies' }).getAttribute('href')).toBe(
      '/?stage=computing',
    );
    const table = page.getByRole('table').filter({ hasText: 'All: last image to result' });
    expect(await table.getByRole('row', { name: /^All:/ }).innerText()).toMatch(/9 min\s+9 min\s+\d+/);
  });

  it('tell the cost of the month with its parts and what is missing, and hostile texts as texts', async () => {
    const { page, complaints } = await open('operations');
    const cost = part(page, 'Cost of this month so far');
    await cost.getByText('US$ 1,234.50').waitFor();
    const text = await cost.innerText();
    expect(text).toMatch(/since 2026-11-01 \(UTC\), and what is not counted/);
    expect(text).toMatch(/2,500,000\.3\s+US\$ 13\.3334 for 1,000,000 × /);
    expect(text).toContain('less than US$ 0.01');
    expect(text).toContain('docs/costs.md');
    for (const one of [...HOSTILE_TEXTS.slice(0, 3), 'Monthly fees']) expect(text).toContain(one);
    await expectSound(page, complaints);
  });

  it('have no cost on one machine', async () => {
    const { page } = await open('operations', {}, nothing);
    await page.getByText('There are none.').waitFor();
    expect(await page.getByText('Cost of this month').count()).toBe(0);
    expect(nothing.asked.filter((asked) => asked.startsWith('/v1/costs'))).toEqual([]);
  });

  it('say when there is nothing', async () => {
    const { page, complaints } = await open('operations', {}, nothing);
    for (const text of ['Healthy', 'No result was stored in that time.', 'There are none.'])
      await page.getByText(text).waitFor();
    await page.getByRole('rowheader', { name: /^north/ }).waitFor();
    await expectSound(page, complaints);
  });

  it('say once that the server is down, keep what they show with its time, and go on by themselves', async () => {
    const { page } = await open('operations');
    await page.getByText('The body is no event of S3.').waitFor();
    await page.getByRole('rowheader', { name: /^south/ }).waitFor();
    await page.getByText('All: last image to result').waitFor();
    await page.route('**/v1/**', (route) => route.abort());
    await page.getByRole('alert').getByText('The server has not answered since').waitFor();
    expect(await page.getByRole('alert').count()).toBe(1);
    expect(await page.getByText(/^As of /).count()).toBeGreaterThanOrEqual(5);
    expect(await page.getByRole('rowheader', { name: /^south/ }).isVisible()).toBe(true);
    expect(await mistakesOf(page)).toEqual([]);
    await page.unroute('**/v1/**');
    await page.getByRole('alert').waitFor({ state: 'detached' });
    expect(await page.getByText(/^As of /).count()).toBe(0);
  });

  it('say what a part of them lacks whose request alone fails', async () => {
    const { page } = await open('operations');
    await page.route('**/v1/turnaround*', (route) => route.fulfill({ status: 500, body: '' }));
    await page.reload();
    await part(page, 'How long results took in the last 24 hours')
      .getByRole('alert')
      .getByText('The server answered with status 500.')
      .waitFor();
    await page.getByRole('rowheader', { name: /^south/ }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(1);
  });

  it('send dead letters back by the keyboard alone, with a reason, but none that would fail again', async () => {
    const { page } = await open('operations');
    const letters = part(page, 'Dead letters');
    await letters.getByText('Add the source, or correct its parameter.').waitFor();
    await letters.getByText('Do not send them back').waitFor();
    const buttons = letters.getByRole('button', { name: /^Send back/ });
    expect(await buttons.count()).toBe(1);
    await buttons.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    expect(await mistakesOf(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Send back' }).focus();
    await page.keyboard.press('Enter');
    // Without a reason nothing is sent.
    expect(world.deadLetters.redriven).toEqual([]);
    await dialog.getByRole('textbox').focus();
    await page.keyboard.type('the source is back');
    await dialog.getByRole('button', { name: 'Send back' }).focus();
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expect(world.deadLetters.redriven).toEqual([
      { stage: 'compute', body: expect.stringContaining(LETTER_OF) },
    ]);
    const actions = (await (await fetch(`${site.url}v1/actions`)).json()) as { items: object[] };
    expect(actions.items).toMatchObject([
      {
        kind: 'redrive',
        comment: 'the source is back',
        request: { stage: 'compute', cause: 'unknown_source' },
      },
    ]);
  });
});
