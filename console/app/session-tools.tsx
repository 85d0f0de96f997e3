import { hasEnded, session } from '../shared/session.ts';

export function SessionTools() {
  if (session.value === undefined) return null;
  const { name, signOut } = session.value;
  return (
    <>
      <span class="person" title={`Signed in as ${name}`}>
        {name}
      </span>
      <button type="button" class="quiet-button" onClick={signOut}>
        Sign out
      </button>
    </>
  );
}

/** Not a redirect: an upload may be under way, and what the person reads is still true of its time. */
export function SessionEnded() {
  if (!hasEnded.value || session.value === undefined) return null;
  return (
    <p class="trouble" role="alert">
      Your session has ended; what you see is not brought up to date any more.{' '}
      <button type="button" onClick={session.value.signInAgain}>
        Sign in again
      </button>
    </p>
  );
}
