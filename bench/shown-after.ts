import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';

/** A slow machine makes a large number; what is not there by then never comes. */
const MOST_MS = 60_000;
/** By then the host has answered what a page that was closed had asked for: a visit is measured on its own. */
const REST_MS = 1_000;

/**
 * Milliseconds from the address to the frame after the element is in the document, in a profile without a cache, so that each time
 * counts all that a first visit loads.
 *
 * @throws where the element does not come
 */
export async function shownAfter(browser: Browser, url: string, selector: string): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    context.setDefaultTimeout(MOST_MS);
    const page = await context.newPage();
    const shown = Promise.withResolvers<number>();
    await page.exposeFunction('tellShown', shown.resolve);
    await page.addInitScript({ content: tellWhenShown(selector) });
    await sleep(REST_MS);
    await page.goto(url);
    await page.waitForSelector(selector);
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
