/** What has to come back from the provider, kept for this tab alone while it is there. No token is ever stored. */
export interface Pending {
  state: string;
  nonce: string;
  verifier: string;
  /** Path and query of the page before the sign-in. */
  returnTo: string;
}

const PENDING = 'qure-dropoff.sign-in';
const SIGNED_OUT = 'qure-dropoff.signed-out';

export function keepPending(pending: Pending): void {
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
}

/** Once: a second answer to one sign-in is none. */
export function takePending(): Pending | undefined {
  const text = sessionStorage.getItem(PENDING);
  sessionStorage.removeItem(PENDING);
  return text === null ? undefined : (JSON.parse(text) as Pending);
}

export function noteSignedOut(): void {
  sessionStorage.setItem(SIGNED_OUT, 'yes');
}

/** Whether the person has just signed out: then the page does not sign in by itself. */
export function takeSignedOut(): boolean {
  const isSignedOut = sessionStorage.getItem(SIGNED_OUT) !== null;
  sessionStorage.removeItem(SIGNED_OUT);
  return isSignedOut;
}
