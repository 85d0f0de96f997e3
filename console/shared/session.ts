import { signal } from '@preact/signals';
import type { Answer } from '../../functions/api/answers.ts';

/** Of a person who has signed in. */
export interface Session {
  /** As the provider calls the person. */
  name: string;
  signInAgain(): void;
  signOut(): void;
}

/** None without sign-in. */
export const session = signal<Session | undefined>(undefined);
/** The provider gives no more tokens: what is on the screen stays, until the person signs in again. */
export const hasEnded = signal(false);

const everything = { isAll: true, sources: [] };
/** What the person may do; everything without sign-in. The server decides: the page only leaves out what would be refused. */
export const me = signal<Answer<'Me'>>({ by: '', read: everything, act: everything, phi: everything });

/** Also the deployment has to show them (`config.phi`). */
export function maySeePatients(source: string): boolean {
  const { isAll, sources } = me.value.phi;
  return isAll || sources.includes(source);
}

/** Without a source: on all of them. */
export function mayAct(source?: string): boolean {
  const { isAll, sources } = me.value.act;
  return isAll || (source !== undefined && sources.includes(source));
}
