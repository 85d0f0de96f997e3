import { type Browser, chromium, type Page } from 'playwright-core';
import { PROGRAM } from './chromium.ts';

/** Only a hang takes so long, also on a machine that has much else to do. */
export const PATIENCE_MS = 300_000;

export interface Opened {
  page: Page;
  /** What the page or its policy complained of: errors, violations of the policy, refused requests to elsewhere. */
  complaints: string[];
}

export interface Look {
  width?: number;
  height?: number;
  scheme?: 'light' | 'dark';
}

export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: PROGRAM ?? '', args: ['--no-sandbox', '--disable-gpu'] });
}

/** A tab with nothing of an earlier one. */
export async function openPage(
  browser: Browser,
  url: string,
  { width = 1280, height = 900, scheme = 'light' }: Look = {},
): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(url);
  return { page, complaints };
}
