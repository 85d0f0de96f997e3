import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isAsWideAsItsWindow, mistakesOf } from '../../support/axe.ts';
import { NO_CHROMIUM } from '../../support/chromium.ts';
import { type Look, launchChromium, openPage } from '../../support/console-browser.ts';
import { type ConsoleSite, startConsoleSite } from '../../support/console-site.ts';
import { consoleWorld } from '../../support/console-world.ts';

if (NO_CHROMIUM !== undefined) console.warn(`skipped: test/system/console/drop: ${NO_CHROMIUM}`);

const dicom = (text: string) => Buffer.concat([Buffer.alloc(128), Buffer.from(`DICM${text}`)]);
const file = (name: string, buffer: Buffer) => ({ name, mimeType: 'application/dicom', buffer });
const HOSTILE = '<img src=x onerror="window.hacked=1">.txt';
const FILES = [
  file('Doe^Jane.dcm', dicom('one')),
  file('two.dcm', dicom('two')),
  file('cd.zip', Buffer.from('PK\u0003\u0004')),
  file(HOSTILE, Buffer.from('a text')),
];

let site: ConsoleSite;
let browser: Browser;
beforeAll(async () => {
  if (NO_CHROMIUM !== undefined) return;
  site = await startConsoleSite(await consoleWorld(30));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});
afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close();
  site?.drops.clear();
  if (site !== undefined) site.answerToDrop = () => 200;
});

const open = (look: Look = {}) => openPage(browser, `${site.url}?view=drop`, look);
const names = () => [...site.drops.keys()].map((key) => key.replace(/^north\/upload-[^/]+\//, ''));
const zone = (page: Page) => page.getByRole('button', { name: 'Drop folders, files or zips here' });
const upload = (page: Page) => page.getByRole('button', { name: 'Upload', exact: true });
async function choose(page: Page, files = FILES): Promise<void> {
  await zone(page).waitFor();
  await page.getByLabel('Files').setInputFiles(files);
  await page.getByLabel('Source').selectOption('north');
}

/** As a person does it, by the debugger: a script cannot make an event that holds a folder. */
async function drag(page: Page, path: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, x: 600, y: 700, data });
}

describe.skipIf(NO_CHROMIUM !== undefined)(`the drop${NO_CHROMIUM ? ` (${NO_CHROMIUM})` : ''}`, () => {
  it.each<[string, Look]>([
    ['wide and light', {}],
    ['wide and dark', { scheme: 'dark' }],
    ['on a phone', { width: 390, height: 844 }],
    ['on a phone, dark', { width: 390, height: 844, scheme: 'dark' }],
  ])('is accessible and as wide as its window, before and after: %s', async (_name, look) => {
    const { page, complaints } = await open(look);
    await choose(page);
    await page.getByText('1 file left out: no DICOM').click();
    await page.getByText(HOSTILE).waitFor();
    expect(await mistakesOf(page)).toEqual([]);
    expect(await isAsWideAsItsWindow(page)).toBe(true);
    await upload(page).click();
    await page.getByText('Everything is there, and marked complete.').waitFor();
    expect(await mistakesOf(page)).toEqual([]);
    expect(await isAsWideAsItsWindow(page)).toBe(true);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(complaints).toEqual([]);
  });

  it('sends the scans as they are under keys without names, the marker last, and leads to the worklist', async () => {
    const { page } = await open();
    await choose(page);
    await page.getByText('2 DICOM files and 1 zip archive').waitFor();
    await upload(page).click();
    await page.getByText('3 of 3 files').waitFor();
    await page.getByText('Everything is there, and marked complete.').waitFor();
    expect(names().toSorted()).toEqual(['0001', '0002', '0003.zip', '_COMPLETE']);
    expect(names().at(-1)).toBe('_COMPLETE');
    expect([...site.drops.values()].at(-1)).toHaveLength(0);
    expect([...site.drops.values()].some((body) => body.equals(dicom('one')))).toBe(true);
    await page.getByRole('link', { name: 'To the worklist' }).click();
    await page.getByRole('searchbox').waitFor();
  });

  it('lists an archive that is not taken, and marks nothing complete', async () => {
    const { page } = await open();
    await choose(page, [...FILES, file('more.tar.gz', Buffer.from([0x1f, 0x8b, 8, 0]))]);
    await page.getByText('1 file not sent').click();
    await page.getByText('more.tar.gz').waitFor();
    await upload(page).click();
    await page.getByText('It is not marked complete').waitFor();
    expect(names().toSorted()).toEqual(['0001', '0002', '0003.zip']);
  });

  it('uploads nothing before a source is chosen', async () => {
    const { page } = await open();
    await zone(page).waitFor();
    await page.getByLabel('Files').setInputFiles(FILES);
    await upload(page).click();
    expect(await page.locator('select:invalid').count()).toBe(1);
    expect(site.drops.size).toBe(0);
  });

  it.each<[string, (page: Page, folder: string) => Promise<void>]>([
    ['chosen', (page, folder) => page.getByLabel('Folder').setInputFiles(folder)],
    ['dragged anywhere onto the page', drag],
  ])('takes a folder with all that is below it: %s', async (_name, give) => {
    const folder = mkdtempSync(join(tmpdir(), 'console-drop-'));
    mkdirSync(join(folder, 'a', 'b'), { recursive: true });
    writeFileSync(join(folder, 'DICOMDIR'), dicom('index'));
    writeFileSync(join(folder, 'a', 'b', 'IM1'), dicom('deep'));
    const { page } = await open();
    await zone(page).waitFor();
    await give(page, folder);
    await page.getByText('1 DICOM file').waitFor();
    await page.getByText('1 file left out: no DICOM').waitFor();
    rmSync(folder, { recursive: true });
  });

  it('says which file has failed, and sends that one alone when it goes on, by the keyboard', async () => {
    const { page } = await open();
    site.answerToDrop = (key) => (key.endsWith('/0002') || key.includes('/0001') ? 403 : 200);
    await choose(page, FILES.slice(0, 1));
    await upload(page).click();
    await page.getByText('Failed: The bucket answered with status 403.').waitFor();
    expect(await mistakesOf(page)).toEqual([]);
    expect(names()).toEqual([]);
    site.answerToDrop = () => 200;
    await page.getByRole('button', { name: 'Upload the rest' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Everything is there, and marked complete.').waitFor();
    // By a fresh link, and in the same folder.
    expect(names()).toEqual(['folder-1/0001', '_COMPLETE']);
  });

  it('goes on by itself when the network is back', async () => {
    const { page } = await open();
    await choose(page);
    await page.context().setOffline(true);
    await upload(page).click();
    await page.getByText('It goes on when this computer is online.').waitFor();
    expect(await mistakesOf(page)).toEqual([]);
    await page.context().setOffline(false);
    await page.getByText('Everything is there, and marked complete.').waitFor();
    expect(names()).toHaveLength(4);
  });

  it('goes on in a new page with the same files: those that are there are not sent again', async () => {
    const { page } = await open();
    page.on('dialog', (dialog) => void dialog.accept());
    const never = Promise.withResolvers<number>();
    site.answerToDrop = (key) => (key.endsWith('/0002') ? never.promise : 200);
    await choose(page);
    await upload(page).click();
    await page.getByText('2 of 3 files').waitFor();
    await page.reload();
    await page.getByText('was not finished: 2 of 3 files are there').waitFor();
    expect(await mistakesOf(page)).toEqual([]);
    site.answerToDrop = () => 200;
    site.drops.clear();
    await page.getByLabel('Files').setInputFiles(FILES.toReversed());
    // The source is that of the upload.
    await upload(page).click();
    await page.getByText('3 of 3 files').waitFor();
    await page.getByText('Everything is there, and marked complete.').waitFor();
    expect(names()).toEqual(['folder-1/0001', '_COMPLETE']);
    never.resolve(500);
    await page.getByRole('button', { name: 'Choose others' }).click();
    await zone(page).waitFor();
    expect(await page.getByText('was not finished').count()).toBe(0);
  });

  it('forgets an upload that was not finished when a person says so', async () => {
    const { page } = await open();
    page.on('dialog', (dialog) => void dialog.accept());
    const never = Promise.withResolvers<number>();
    site.answerToDrop = (key) => (key.endsWith('/0002') ? never.promise : 200);
    await choose(page);
    await upload(page).click();
    await page.getByText('2 of 3 files').waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Forget it' }).click();
    expect(await page.getByText('was not finished').count()).toBe(0);
    await page.reload();
    await zone(page).waitFor();
    expect(await page.getByText('was not finished').count()).toBe(0);
    never.resolve(500);
  });

  it('goes on while another view is shown, warns who would leave, and can be cancelled', async () => {
    const { page } = await open();
    const held = Promise.withResolvers<number>();
    site.answerToDrop = () => held.promise;
    await choose(page);
    await upload(page).click();
    await page.getByText('do not close the page').waitFor();
    await page.getByRole('link', { name: 'To the worklist' }).click();
    await page.getByRole('searchbox').waitFor();
    await page.getByRole('link', { name: /^Drop \d+ %$/ }).waitFor();
    const asked = page.waitForEvent('dialog');
    void page.close({ runBeforeUnload: true });
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.dismiss();
    await page.getByRole('link', { name: /^Drop/ }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Stopped. What is uploaded is not sent again.').waitFor();
    await page.getByRole('link', { name: 'Drop stopped', exact: true }).waitFor();
    expect(await page.evaluate(() => dispatchEvent(new Event('beforeunload', { cancelable: true })))).toBe(
      true,
    );
    held.resolve(200);
    await page.getByRole('button', { name: 'Upload the rest' }).click();
    await page.getByText('Everything is there, and marked complete.').waitFor();
  });
});
