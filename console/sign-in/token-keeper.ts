import { RefusedError } from '../shared/api.ts';
import { hasEnded } from '../shared/session.ts';
import { isRefusal, type Provider, type Tokens } from './provider.ts';

/** A token is renewed so long before it ends; a short one at half of its life. */
const MARGIN_MS = 60_000;

/**
 * Holds the tokens of the person in memory alone: no storage of the browser has them, and no script of another page. A reload signs in
 * again, which the session of the provider does without a question.
 */
export class TokenKeeper {
  /** None after a sign-out. */
  #tokens: Tokens | undefined;
  readonly #provider: Pick<Provider, 'renew'>;
  /** One at a time: a provider that rotates refresh tokens ends the session of a token that is used twice. */
  #renewing: Promise<string> | undefined;

  constructor(provider: Pick<Provider, 'renew'>, tokens: Tokens) {
    this.#provider = provider;
    this.#tokens = tokens;
  }

  get tokens(): Tokens | undefined {
    return this.#tokens;
  }

  /** For ever: a renewal that is under way brings nothing back. */
  forget(): void {
    this.#tokens = undefined;
  }

  /** @throws RefusedError (401) when the session has ended; what the browser throws when the provider cannot be reached */
  async token(): Promise<string> {
    const tokens = this.#tokens;
    if (tokens === undefined) return this.#end();
    const { accessToken, refreshToken, expiresAt, lifetimeMs } = tokens;
    const leftMs = expiresAt - Date.now();
    if (leftMs > Math.min(MARGIN_MS, lifetimeMs / 2)) return accessToken;
    if (refreshToken === undefined) return leftMs > 0 ? accessToken : this.#end();
    this.#renewing ??= this.#renew(tokens).finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #renew(old: Tokens): Promise<string> {
    try {
      const fresh = await this.#provider.renew(old);
      if (this.#tokens === undefined) return this.#end();
      this.#tokens = fresh;
      return fresh.accessToken;
    } catch (error) {
      if (isRefusal(error) || this.#tokens === undefined) return this.#end();
      if (old.expiresAt > Date.now()) return old.accessToken;
      throw error;
    }
  }

  #end(): never {
    hasEnded.value = true;
    throw new RefusedError(401, 'Your session has ended. Sign in again.');
  }
}
