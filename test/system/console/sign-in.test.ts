import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAsWideAsItsWindow, mistakesOf } from '../../support/axe.ts';
import { NO_CHROMIUM } from '../../support/chromium.ts';
import { launchChromium } from '../../support/console-browser.ts';
import { troubledWorld } from '../../support/console-troubles.ts';
import { consoleWorld } from '../../support/console-world.ts';
import { failedRow } from '../../support/series-rows.ts';
import { type CloudSite, startCloudSite } from '../../support/sign-in/cloud-site.ts';
import {
  AUDIENCE,
  CLIENT_ID,
  type IdentityProvider,
  startIdentityProvider,
} from '../../support/sign-in/identity-provider.ts';
import { type Authorizer, jwtAuthorizer } from '../../support/sign-in/jwt-authorizer.ts';
import type { World } from '../../support/world/world.ts';

if (NO_CHROMIUM !== undefined) console.warn(`skipped: test/system/console/sign-in: ${NO_CHROMIUM}`);

interface Deployment {
  provider: IdentityProvider;
  site: CloudSite;
  audience(audience: string): Promise<void>;
}

let browser: Browser;
const open: Deployment[] = [];
beforeAll(async () => {
  if (NO_CHROMIUM === undefined) browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  for (const { provider, site } of open) {
    await site.close();
    await provider.close();
  }
});

async function deployed(
  options: Parameters<typeof startIdentityProvider>[0] = {},
  world?: World,
): Promise<Deployment> {
  const provider = await startIdentityProvider(options);
  const signIn = {
    issuer: provider.issuer,
    clientId: CLIENT_ID,
    scopes: ['openid'],
    rolesClaim: 'roles',
    nameClaim: 'name',
  };
  let authorizer: Authorizer = async () => undefined;
  const site = await startCloudSite(world ?? (await consoleWorld(60)), signIn, () => authorizer);
  provider.register(site.url);
  const audience = async (wanted: string) => {
    authorizer = await jwtAuthorizer(provider, wanted);
  };
  await audience(AUDIENCE);
  const one = { provider, site, audience };
  open.push(one);
  return one;
}

const PATIENCE_MS = 300_000;

/** A tab, and the token that its requests carry. */
async function newTab(): Promise<{ page: Page; token: () => string }> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  let token = '';
  page.on('request', (request) => {
    if (request.url().includes('/console/v1/')) token = request.headers()['authorization'] ?? token;
  });
  return { page, token: () => token };
}

async function signIn(page: Page, name: string): Promise<void> {
  await page.locator('input[name=login]').fill(name);
  await page.locator('input[name=password]').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

describe.skipIf(NO_CHROMIUM !== undefined)(`sign-in${NO_CHROMIUM ? ` (${NO_CHROMIUM})` : ''}`, () => {
  let deployment: Deployment;
  beforeAll(async () => {
    if (NO_CHROMIUM !== undefined) return;
    deployment = await deployed();
    deployment.provider.roles
      .set('reader', ['other', 'qure-dropoff:read:north'])
      .set('doctor', 'qure-dropoff:act');
  });

  it('leads back to where the person was, with what the roles of the token allow', async () => {
    const { site } = deployment;
    const { page, token } = await newTab();
    await page.goto(`${site.url}?view=quarantine`);
    await signIn(page, 'reader');
    await page.getByText('Dr reader').waitFor();
    expect(page.url()).toBe(`${site.url}?view=quarantine`);
    await page.goto(site.url);
    await page.getByText('Dr reader').waitFor();

    const ask = (path: string, init: RequestInit = {}) =>
      fetch(new URL(path, site.url), { ...init, headers: { authorization: token() } });
    const studies = (await (await ask('/console/v1/studies?limit=100')).json()) as {
      items: { source: string }[];
    };
    expect(new Set(studies.items.map(({ source }) => source))).toEqual(new Set(['north']));
    expect((await ask('/console/v1/studies?source=south')).status).toBe(403);
    expect((await ask('/console/v1/dead-letters')).status).toBe(403);
    const retry = '/console/v1/series/1.2.826.123.1/retry?source=north';
    expect((await ask(retry, { method: 'POST' })).status).toBe(403);
    // A token is nothing where a signature is asked for.
    expect((await ask('/v1/studies')).status).toBe(403);
    await page.context().close();
  });

  it('records who acts, by issuer, subject and name', async () => {
    const { site, provider } = deployment;
    const { page, token } = await newTab();
    await page.goto(site.url);
    await signIn(page, 'doctor');
    await page.getByText('Dr doctor').waitFor();
    const headers = { authorization: token() };
    const body = JSON.stringify({ source: 'south', count: 1 });
    const made = await fetch(new URL('/console/v1/uploads', site.url), { method: 'POST', headers, body });
    expect(made.status).toBe(201);
    const actions = await (await fetch(new URL('/console/v1/actions', site.url), { headers })).json();
    expect(actions).toMatchObject({ items: [{ kind: 'upload_links', by: `${provider.issuer}#doctor` }] });
    await page.context().close();
  });

  it('ends at the provider too, and does not begin again by itself', async () => {
    const { page } = await newTab();
    await page.goto(deployment.site.url);
    await signIn(page, 'doctor');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Yes, sign me out' }).click();
    await page.getByText('You have signed out.').waitFor();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('input[name=login]').waitFor();
    await page.context().close();
  });

  it('tells a person without a role which one is missing', async () => {
    const { page } = await newTab();
    await page.goto(deployment.site.url);
    await signIn(page, 'stranger');
    await page.getByText('have no role here. Ask the administrator of your sign-in').waitFor();
    expect(await mistakesOf(page)).toEqual([]);
    expect(await isAsWideAsItsWindow(page)).toBe(true);
    await page.context().close();
  });

  it.each([
    ['wide', 1280],
    ['a phone', 390],
  ])(
    'is accessible on %s, says what a person may not see, and once that the session has ended',
    async (_name, width) => {
      const { site, audience } = deployment;
      const { page } = await newTab();
      await page.setViewportSize({ width, height: 844 });
      const expectSound = async () => {
        expect(await mistakesOf(page)).toEqual([]);
        expect(await isAsWideAsItsWindow(page)).toBe(true);
      };
      await page.goto(`${site.url}?study=south/1.2.826.10001`);
      await signIn(page, 'reader');
      await page.getByRole('alert').getByText('This needs the role qure-dropoff:read').waitFor();
      await expectSound();
      await audience('https://another.example');
      await page.getByRole('alert').getByText('Your session has ended').waitFor();
      await expect.poll(() => page.getByRole('alert').count(), { timeout: PATIENCE_MS }).toBe(1);
      await expectSound();
      await audience(AUDIENCE);
      await page.getByRole('button', { name: 'Sign in again' }).click();
      await page.getByRole('button', { name: 'Sign in again' }).waitFor({ state: 'detached' });
      await page.context().close();
    },
  );

  it('takes no answer that this tab has not asked for, and keeps nothing of it in the address', async () => {
    const { page } = await newTab();
    await page.goto(`${deployment.site.url}?code=stolen&state=other&error_description=call+me`);
    await page.getByText('was not begun in this tab').waitFor();
    expect(page.url()).toBe(deployment.site.url);
    // Styles of what is loaded later have to be in the style of the page.
    const width = await page.locator('main').evaluate((main) => getComputedStyle(main).maxWidth);
    expect(width).not.toBe('none');
    await page.context().close();
  });

  it('stores no token in the browser', async () => {
    const { page, token } = await newTab();
    await page.goto(deployment.site.url);
    await signIn(page, 'doctor');
    await page.getByText('Dr doctor').waitFor();
    const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    expect(token().length).toBeGreaterThan(100);
    expect(stored).not.toContain(token().slice('Bearer '.length));
    await page.context().close();
  });

  it('a token that is forged, of another audience or without a signature opens nothing', async () => {
    const { site, audience } = deployment;
    const { page, token } = await newTab();
    await page.goto(site.url);
    await signIn(page, 'doctor');
    await page.getByText('Dr doctor').waitFor();
    const statusWith = async (authorization: string) =>
      (await fetch(new URL('/console/v1/me', site.url), { headers: { authorization } })).status;
    const [head = '', payload = '', signature = ''] = token().slice('Bearer '.length).split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const forged = encoded({ ...claims, sub: 'somebody' });
    expect(await statusWith(token())).toBe(200);
    expect(await statusWith(`Bearer ${head}.${forged}.${signature}`)).toBe(401);
    expect(await statusWith(`Bearer ${encoded({ alg: 'none', kid: 'key-1' })}.${payload}.`)).toBe(401);
    expect(await statusWith('')).toBe(401);
    await audience('https://another.example');
    expect(await statusWith(token())).toBe(401);
    await audience(AUDIENCE);
    await page.context().close();
  });

  it('renews a token before it ends, each time with the newest refresh token', async () => {
    // Half a minute before the end of so short a one.
    const { provider, site } = await deployed({ tokenSeconds: 61 });
    provider.roles.set('doctor', ['qure-dropoff:read']);
    const { page } = await newTab();
    await page.goto(site.url);
    await signIn(page, 'doctor');
    await page.getByText('Dr doctor').waitFor();
    await expect
      .poll(() => provider.grantTypes.filter((type) => type === 'refresh_token').length, {
        timeout: PATIENCE_MS,
      })
      .toBeGreaterThanOrEqual(2);
    expect(await page.getByText('session has ended').count()).toBe(0);
    await page.context().close();
  });

  it('offers the buttons that act only where the person may act', async () => {
    const world = await troubledWorld();
    const study = { north: '1.2.826.601', south: '1.2.826.602' };
    for (const source of ['north', 'south'] as const)
      world.series.seed(
        failedRow({ source, studyInstanceUid: study[source], seriesInstanceUid: `${study[source]}.1` }),
      );
    const { site, provider } = await deployed({}, world);
    provider.roles
      .set('reader', 'qure-dropoff:read')
      .set('northern', ['qure-dropoff:read', 'qure-dropoff:act:north'])
      .set('doctor', 'qure-dropoff:act');
    const seenBy = async (name: string) => {
      const { page } = await newTab();
      await page.goto(`${site.url}?study=north/${study.north}`);
      await signIn(page, name);
      const buttonsOf = async (source: 'north' | 'south') => {
        const panel = page.locator('.panel');
        await panel.locator('article').getByText(`${study[source]}.1`).waitFor();
        return panel.getByRole('button', { name: 'Try again…' }).count();
      };
      const north = await buttonsOf('north');
      // A place of the page, since another document asks for another sign-in.
      const go = (query: string) =>
        page.evaluate((to) => {
          history.pushState(null, '', to);
          dispatchEvent(new PopStateEvent('popstate'));
        }, query);
      await go(`/?study=south/${study.south}`);
      const south = await buttonsOf('south');
      await go('/?view=operations');
      await page.getByText('Add the source, or correct its parameter.').waitFor();
      const letters = await page.getByRole('button', { name: /^Send back/ }).count();
      await page.context().close();
      return { north, south, letters };
    };
    expect(await seenBy('reader')).toEqual({ north: 0, south: 0, letters: 0 });
    expect(await seenBy('northern')).toEqual({ north: 1, south: 0, letters: 0 });
    expect(await seenBy('doctor')).toEqual({ north: 1, south: 1, letters: 1 });
  });

  it('says in plain words that the provider cannot be reached', async () => {
    const { provider, site } = await deployed();
    await provider.close();
    const { page } = await newTab();
    await page.goto(site.url);
    await page.getByText('cannot be reached, or does not allow this page to ask it').waitFor();
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    await page.context().close();
  });
});
