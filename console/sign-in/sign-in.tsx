import { render } from 'preact';
import { setAccess } from '../shared/access.ts';
import { get, RefusedError } from '../shared/api.ts';
import { go } from '../shared/router.ts';
import { hasEnded, me, session } from '../shared/session.ts';
import { keepPending, noteSignedOut, takePending, takeSignedOut } from './pending.ts';
import { isRefusal, Provider, refusalCode, type SignInSettings, type Tokens } from './provider.ts';
import { TokenKeeper } from './token-keeper.ts';

const NOTHING = { isAll: false, sources: [] };
const NOBODY = { by: '', read: NOTHING, act: NOTHING, phi: NOTHING };

/**
 * Resolves when the person has signed in and may see something. Otherwise this page leaves for the provider, or says why not, and it
 * never does.
 */
export async function signedIn(settings: SignInSettings): Promise<void> {
  // A page out of the memory of the browser, as by its button Back, may be that of a person who has signed out.
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) location.reload();
  });
  const answer = new URLSearchParams(location.search);
  const isAnswer = answer.has('state') && (answer.has('code') || answer.has('error'));
  const pending = isAnswer ? takePending() : undefined;
  const returnTo = isAnswer ? (pending?.returnTo ?? '/') : location.pathname + location.search;
  // The answer is of use once: neither a reload nor a bookmark brings it back.
  if (isAnswer) go(returnTo, 'replace');
  if (takeSignedOut()) return say('You have signed out.', 'Sign in', () => leave(settings, returnTo));
  if (!isAnswer) return leave(settings, returnTo);
  const again = () => leave(settings, returnTo);
  if (pending === undefined) {
    return say('This sign-in was not begun in this tab, or it has been answered already.', 'Sign in', again);
  }
  try {
    const provider = await discover(settings);
    openSession(settings, provider, await provider.complete(answer, pending));
  } catch (error) {
    return say(whyNot(error, settings), 'Sign in again', again);
  }
  return expectRole(again);
}

async function leave(settings: SignInSettings, returnTo: string): Promise<void> {
  try {
    const { url, pending } = await (await discover(settings)).begin(returnTo);
    keepPending(pending);
    // The page without a session is no place to go back to.
    location.replace(url);
  } catch (error) {
    return say(whyNot(error, settings), 'Try again', () => leave(settings, returnTo));
  }
  return new Promise(() => {});
}

function discover(settings: SignInSettings): Promise<Provider> {
  return Provider.discover(settings, `${location.origin}/`);
}

function openSession(settings: SignInSettings, provider: Provider, tokens: Tokens): void {
  const keeper = new TokenKeeper(provider, tokens);
  setAccess({
    base: '/console',
    token: () => keeper.token(),
    refused: () => {
      hasEnded.value = true;
    },
  });
  session.value = {
    name: tokens.name ?? 'unknown',
    signInAgain: () => void leave(settings, location.pathname + location.search),
    signOut: () => {
      const url = keeper.tokens && provider.signOutUrl(keeper.tokens);
      noteSignedOut();
      // Before the page goes: a browser may keep it as it is, and show it again.
      keeper.forget();
      me.value = NOBODY;
      location.assign(url ?? '/');
    },
  };
}

async function expectRole(again: () => Promise<void>): Promise<void> {
  try {
    me.value = await get('Me', '/v1/me');
  } catch (error) {
    const why =
      error instanceof RefusedError && error.status === 401
        ? 'You have signed in, but this server does not accept the token of your provider. Its issuer or its audience is not the one of the deployment: tell the administrator.'
        : `You have signed in, but the server does not answer as it should: ${textOf(error)}`;
    return say(why, 'Try again', again);
  }
  const { read, act } = me.value;
  if (read.isAll || act.isAll || read.sources.length > 0 || act.sources.length > 0) return;
  return say(
    `You have signed in as ${session.value?.name}, but have no role here. Ask the administrator of your sign-in for the role qure-dropoff:read, or for that of one source. Then sign out, and in again.`,
    'Sign out',
    async () => session.value?.signOut(),
  );
}

/** Texts of the provider are not shown: a link to this page can hold any. */
function whyNot(error: unknown, { issuer }: SignInSettings): string {
  const { host } = new URL(issuer);
  const code = refusalCode(error);
  if (code === 'access_denied')
    return `${host} has refused: you may not use this application, or have stopped the sign-in.`;
  if (code !== undefined) return `${host} has refused the sign-in (${code.slice(0, 50)}).`;
  if (isRefusal(error))
    return `The answer of ${host} is not one to this sign-in, or is not for this page: nothing of it is used.`;
  return `${host} cannot be reached, or does not allow this page to ask it (CORS).`;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Instead of everything else. Never resolves: the button leaves the page, or says something else. */
function say(text: string, action: string, onAction: () => Promise<void>): Promise<void> {
  document.title = 'Sign in · qure-dropoff';
  render(
    <main class="sign-in">
      <h1>qure-dropoff</h1>
      <p role="alert">{text}</p>
      <button type="button" class="primary-button" onClick={() => void onAction()}>
        {action}
      </button>
    </main>,
    document.body,
  );
  return new Promise(() => {});
}
