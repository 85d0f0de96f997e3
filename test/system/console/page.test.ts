import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_CHROMIUM } from '../../support/chromium.ts';
import { launchChromium, openPage } from '../../support/console-browser.ts';
import { type ConsoleSite, startConsoleSite } from '../../support/console-site.ts';
import { consoleWorld, HOSTILE_TEXTS } from '../../support/console-world.ts';

if (NO_CHROMIUM !== undefined) console.warn(`skipped: test/system/console/page: ${NO_CHROMIUM}`);

let site: ConsoleSite;
let browser: Browser;
beforeAll(async () => {
  if (NO_CHROMIUM !== undefined) return;
  site = await startConsoleSite(await consoleWorld(300));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

describe.skipIf(NO_CHROMIUM !== undefined)(`the page${NO_CHROMIUM ? ` (${NO_CHROMIUM})` : ''}`, () => {
  it('says on every view that the simulator answers', async () => {
    for (const view of ['', '?view=quarantine', '?view=operations']) {
      const { page } = await openPage(browser, site.url + view);
      await page.getByText('Nothing here is a finding').waitFor();
      await page.context().close();
    }
  });

  it('shows texts of scans as texts, and its policy has nothing to object to', async () => {
    const { page, complaints } = await openPage(browser, `${site.url}?sort=newest`);
    await page.getByText(HOSTILE_TEXTS[0]).first().waitFor();
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('runs no script and takes no style that is written into it', async () => {
    const { page } = await openPage(browser, site.url);
    const outcome = page.evaluate(async () => {
      const script = document.createElement('script');
      try {
        script.textContent = 'window.hacked = 1';
      } catch {
        // Refused: a text that has not been checked becomes no script.
      }
      document.body.append(script);
      return 'hacked' in window;
    });
    expect(await outcome).toBe(false);
    await page.context().close();
  });

  it('lists the keys, none of them over what it does', async () => {
    const { page } = await openPage(browser, site.url);
    await page.locator('.row.study').first().waitFor();
    await page.keyboard.press('?');
    const keys = page.getByRole('dialog').locator('.keys > div');
    await keys.filter({ hasText: 'Page Down' }).waitFor();
    const gaps = await keys.evaluateAll((found) =>
      found.map((one) => {
        const right = one.querySelector('kbd')?.getBoundingClientRect().right ?? Number.POSITIVE_INFINITY;
        return (one.querySelector('dd')?.getBoundingClientRect().left ?? 0) - right;
      }),
    );
    expect(Math.min(...gaps)).toBeGreaterThan(0);
    await page.context().close();
  });

  it.each([1280, 390])(
    'gives the focus to what is in its header in the order in which it is read: %i px',
    async (width) => {
      const { page } = await openPage(browser, site.url, { width });
      await page.locator('.row.study').first().waitFor();
      const seen: { text: string; top: number; left: number }[] = [];
      // The first one leads over all of them.
      await page.keyboard.press('Tab');
      for (;;) {
        await page.keyboard.press('Tab');
        const focused = await page.evaluate(() => {
          const element = document.activeElement;
          if (element === null || element.closest('.top') === null) return undefined;
          const { top, left } = element.getBoundingClientRect();
          return { text: element.textContent ?? '', top, left };
        });
        if (focused === undefined) break;
        seen.push(focused);
      }
      expect(seen.length).toBe(6);
      const read = seen.toSorted((one, other) =>
        Math.abs(one.top - other.top) < 10 ? one.left - other.left : one.top - other.top,
      );
      expect(seen.map(({ text }) => text)).toEqual(read.map(({ text }) => text));
      await page.context().close();
    },
  );

  it.each([
    ['and that there are more', '?sort=newest', '120 studies', / that are loaded; there are more\. /],
    ['with its filters', '?stage=failed', '4 studies', /, all that are found\. .*stage: failed$/],
  ])('prints every line of the worklist that is loaded, %s', async (_name, query, count, note) => {
    const { page } = await openPage(browser, `${site.url}${query}`, { width: 390, height: 500 });
    await page.locator('p[aria-live]').getByText(count, { exact: true }).waitFor();
    const inSight = await page.locator('.row.study').count();
    // After the page's own listener, and before the sheets are laid out.
    await page.evaluate(() =>
      addEventListener('beforeprint', () => {
        const rows = document.querySelectorAll('.row.study').length;
        const note = document.querySelector('.printed')?.textContent;
        Object.assign(window, { printed: { rows, note } });
      }),
    );
    await page.pdf();
    const printed = (await page.evaluate('window.printed')) as { rows: number; note: string };
    expect(printed.note).toMatch(note);
    expect(printed.note.startsWith(count)).toBe(true);
    expect(`${printed.rows} studies`).toBe(count);
    // On the screen nothing has changed.
    await expect.poll(() => page.locator('.row.study').count()).toBe(inSight);
    expect(await page.locator('.printed').count()).toBe(0);
    await page.context().close();
  });

  it('prints the details of a study without the list, in light colours', async () => {
    const { page } = await openPage(browser, site.url, { scheme: 'dark' });
    await page.locator('.row.study').first().click();
    await page.locator('.panel article').waitFor();
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.studies').isVisible()).toBe(false);
    await page.getByText('Nothing here is a finding').first().waitFor();
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('light');
    const scrolls = await page.locator('.panel').evaluate((panel) => getComputedStyle(panel).overflowY);
    expect(scrolls).toBe('visible');
    await page.context().close();
  });

  it('follows the system between light and dark, and keeps what a person chooses', async () => {
    const { page } = await openPage(browser, site.url, { scheme: 'dark' });
    const back = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await page.getByRole('button', { name: /Theme: auto/ }).waitFor();
    const dark = await back();
    await page.getByRole('button', { name: /Theme/ }).click();
    await page.getByRole('button', { name: 'Theme: light' }).waitFor();
    const light = await back();
    expect(light).not.toBe(dark);
    await page.reload();
    await page.getByRole('button', { name: 'Theme: light' }).waitFor();
    expect(await back()).toBe(light);
    await page.context().close();
  });
});
