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
  #tokens: Tokens;
  readonly #provider: Pick<Provider, 'renew'>;
  /** One at a time: a provider that rotates refresh tokens ends the session of a token that is used twice. */
  #renewing: Promise<string> | undefined;

  constructor(provider: Pick<Provider, 'renew'>, tokens: Tokens) {
    this.#provider = provider;
    this.#tokens = tokens;
  }

  get tokens(): Tokens {
    return this.#tokens;
  }

  /** @throws RefusedError (401) when the session has ended; what the browser throws when the provider cannot be reached */
  async token(): Promise<string> {
    const { accessToken, refreshToken, expiresAt, lifetimeMs } = this.#tokens;
    const leftMs = expiresAt - Date.now();
    if (leftMs > Math.min(MARGIN_MS, lifetimeMs / 2)) return accessToken;
    if (refreshToken === undefined) return leftMs > 0 ? accessToken : this.#end();
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #renew(): Promise<string> {
    try {
      this.#tokens = await this.#provider.renew(this.#tokens);
      return this.#tokens.accessToken;
    } catch (error) {
      if (isRefusal(error)) return this.#end();
      if (this.#tokens.expiresAt > Date.now()) return this.#tokens.accessToken;
      throw error;
    }
  }

  #end(): never {
    hasEnded.value = true;
    throw new RefusedError(401, 'Your session has ended. Sign in again.');
  }
}
