import { TRANSFER_SYNTAX, writeDicom } from '@qure-dropoff/dicom/write';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { resultFolder } from '../../../functions/series/result-keys.ts';
import { isAsWideAsItsWindow, mistakesOf } from '../../support/axe.ts';
import { NO_CHROMIUM } from '../../support/chromium.ts';
import { launchChromium, openPage } from '../../support/console-browser.ts';
import { addResult, WITH_RESULT } from '../../support/console-result.ts';
import { type ConsoleSite, startConsoleSite } from '../../support/console-site.ts';
import { consoleWorld } from '../../support/console-world.ts';
import { rleOf } from '../../support/rle.ts';
import type { World } from '../../support/world/world.ts';

if (NO_CHROMIUM !== undefined) console.warn(`skipped: test/system/console/captures: ${NO_CHROMIUM}`);

const SIDE = 32;

let world: World;
let site: ConsoleSite;
let browser: Browser;
beforeAll(async () => {
  if (NO_CHROMIUM !== undefined) return;
  world = await consoleWorld(5);
  await addResult(world, 'a result');
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

/** A capture of `SIDE` by `SIDE`, compressed. */
async function putCapture(fragments: Uint8Array[], syntax: string, interpretation: string) {
  const samples = interpretation.startsWith('MONOCHROME') ? 1 : 3;
  const file = writeDicom(
    [
      { tag: 0x00280002, vr: 'US', value: samples },
      { tag: 0x00280004, vr: 'CS', value: interpretation },
      { tag: 0x00280010, vr: 'US', value: SIDE },
      { tag: 0x00280011, vr: 'US', value: SIDE },
      { tag: 0x00280100, vr: 'US', value: 8 },
      { tag: 0x7fe00010, vr: 'OB', value: { fragments } },
    ],
    { transferSyntaxUid: syntax },
  );
  const series = await world.series.load(WITH_RESULT);
  if (series === undefined) throw new Error('expected the series with a result, got none');
  await world.results.put(`${resultFolder(series)}files/sc/0`, file, 'application/dicom');
}

const open = () =>
  openPage(browser, `${site.url}?study=${WITH_RESULT.source}/${WITH_RESULT.studyInstanceUid}`);

/** The left half red (or light), the right half blue (or dark). */
async function jpegOf(page: Page): Promise<Buffer> {
  const text = await page.evaluate(async (side) => {
    const canvas = new OffscreenCanvas(side, side);
    const context = canvas.getContext('2d');
    for (const [at, colour] of ['#e02020', '#2020e0'].entries()) {
      if (context === null) break;
      context.fillStyle = colour;
      context.fillRect((at * side) / 2, 0, side / 2, side);
    }
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 1 });
    return btoa(String.fromCharCode(...new Uint8Array(await blob.arrayBuffer())));
  }, SIDE);
  return Buffer.from(text, 'base64');
}

/** Of a pixel in each half. */
async function coloursOf(page: Page) {
  const canvas = page.locator('.panel canvas:not([hidden])');
  await canvas.waitFor();
  return canvas.evaluate((element) => {
    const context = (element as HTMLCanvasElement).getContext('2d');
    return [4, 28].map((x) => [...(context?.getImageData(x, 16, 1, 1).data ?? [])]);
  });
}

const near = (value: number) => expect.closeTo(value, -1.2);

describe.skipIf(NO_CHROMIUM !== undefined)(`captures${NO_CHROMIUM ? ` (${NO_CHROMIUM})` : ''}`, () => {
  it('in JPEG are drawn in their colours', async () => {
    const { page: maker } = await open();
    const jpeg = await jpegOf(maker);
    await putCapture(
      [jpeg.subarray(0, 100), jpeg.subarray(100)],
      TRANSFER_SYNTAX.jpegBaseline,
      'YBR_FULL_422',
    );
    const { page, complaints } = await open();
    expect(await coloursOf(page)).toEqual([
      [near(224), near(32), near(32), 255],
      [near(32), near(32), near(224), 255],
    ]);
    expect(complaints).toEqual([]);
  });

  it('in JPEG of another size than the file says are links with the reason', async () => {
    const { page: maker } = await open();
    const jpeg = await jpegOf(maker);
    const rows = jpeg.indexOf(Buffer.from([0xff, 0xc0])) + 5;
    jpeg.writeUInt16BE(60_000, rows);
    await putCapture([jpeg], TRANSFER_SYNTAX.jpegBaseline, 'YBR_FULL_422');
    const { page } = await open();
    await page.getByText('damaged, or of another size').waitFor();
    await page.getByRole('link', { name: 'Secondary capture' }).waitFor();
    expect(await page.locator('.panel canvas:not([hidden])').count()).toBe(0);
  });

  it('in RLE are drawn in their colours', async () => {
    const half = (left: number, right: number) =>
      Array.from({ length: SIDE * SIDE }, (_, at) => (at % SIDE < SIDE / 2 ? left : right));
    const frame = rleOf([half(200, 10), half(20, 11), half(30, 190)]);
    await putCapture([frame], '1.2.840.10008.1.2.5', 'RGB');
    const { page, complaints } = await open();
    expect(await coloursOf(page)).toEqual([
      [200, 20, 30, 255],
      [10, 11, 190, 255],
    ]);
    expect(complaints).toEqual([]);
  });

  it('in JPEG 2000 are links with the reason', async () => {
    await putCapture([Buffer.alloc(200)], '1.2.840.10008.1.2.4.90', 'RGB');
    const { page } = await open();
    await page.getByText('stored as JPEG 2000, which browsers do not decode').waitFor();
    await page.getByRole('link', { name: 'Secondary capture' }).waitFor();
  });
});

describe.skipIf(NO_CHROMIUM !== undefined)(`a PDF${NO_CHROMIUM ? ` (${NO_CHROMIUM})` : ''}`, () => {
  it('is shown in a frame of the bucket when a person asks, by the keyboard, and hidden again', async () => {
    const { page, complaints } = await open();
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('files/pdf/')) asked.push(request.url());
    });
    const show = page.getByRole('button', { name: 'Show Report (PDF)' });
    await show.waitFor();
    expect(asked).toEqual([]);
    expect(await page.locator('iframe').count()).toBe(0);
    await show.focus();
    await page.keyboard.press('Enter');
    const frame = page.locator('iframe[title="Report (PDF)"]');
    await frame.waitFor();
    const source = new URL((await frame.getAttribute('src')) ?? '');
    expect(source.origin).not.toBe(new URL(site.url).origin);
    expect(await frame.getAttribute('referrerpolicy')).toBe('no-referrer');
    const widthOf = async (one: Locator) => (await one.boundingBox())?.width ?? 0;
    expect(await widthOf(frame)).toBeGreaterThan(0.8 * (await widthOf(page.locator('.panel'))));
    await expect.poll(() => asked.length, { timeout: 60_000 }).toBeGreaterThan(0);
    expect(await mistakesOf(page)).toEqual([]);
    expect(await isAsWideAsItsWindow(page)).toBe(true);
    expect(complaints).toEqual([]);
    await page.getByRole('button', { name: 'Hide Report (PDF)' }).click();
    await frame.waitFor({ state: 'detached' });
  });

  it('of another origin than the buckets is not loaded: the policy of the page refuses its frame', async () => {
    const { page } = await open();
    await page.getByRole('button', { name: 'Show Report (PDF)' }).waitFor();
    const refused = await page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective));
          const frame = document.createElement('iframe');
          frame.src = 'https://elsewhere.example/report.pdf';
          document.body.append(frame);
        }),
    );
    expect(refused).toBe('frame-src');
  });
});
