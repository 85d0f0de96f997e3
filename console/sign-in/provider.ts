import * as oauth from 'oauth4webapi';
import type { ConsoleConfig } from '../shared/config.ts';
import type { Pending } from './pending.ts';

export type SignInSettings = NonNullable<ConsoleConfig['signIn']>;

export interface Tokens {
  accessToken: string;
  refreshToken?: string;
  idToken?: string;
  /** Milliseconds since 1970, by the clock of this machine; endless where the provider does not say. */
  expiresAt: number;
  lifetimeMs: number;
  /** As the provider calls the person. */
  name?: string;
}

/** The provider of the deployment: OpenID Connect, authorization code with PKCE (RFC 7636, RFC 9700). */
export class Provider {
  readonly #server: oauth.AuthorizationServer;
  readonly #client: oauth.Client;
  readonly #scope: string;
  readonly #redirectUri: string;

  private constructor(server: oauth.AuthorizationServer, settings: SignInSettings, redirectUri: string) {
    this.#server = server;
    this.#client = { client_id: settings.clientId };
    this.#scope = settings.scopes.join(' ');
    this.#redirectUri = redirectUri;
  }

  static async discover(settings: SignInSettings, redirectUri: string): Promise<Provider> {
    const issuer = new URL(settings.issuer);
    const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer));
    return new Provider(server, settings, redirectUri);
  }

  /** Where the person signs in, and what has to come back from there. */
  async begin(returnTo: string): Promise<{ url: URL; pending: Pending }> {
    const pending: Pending = {
      state: oauth.generateRandomState(),
      nonce: oauth.generateRandomNonce(),
      verifier: oauth.generateRandomCodeVerifier(),
      returnTo,
    };
    const url = new URL(this.#server.authorization_endpoint ?? '');
    const parameters = {
      client_id: this.#client.client_id,
      redirect_uri: this.#redirectUri,
      response_type: 'code',
      scope: this.#scope,
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return { url, pending };
  }

  /** Throws for an answer to another sign-in than the one that this tab has begun, and for tokens that do not belong to it. */
  async complete(answer: URLSearchParams, { state, nonce, verifier }: Pending): Promise<Tokens> {
    const parameters = oauth.validateAuthResponse(this.#server, this.#client, answer, state);
    const response = await oauth.authorizationCodeGrantRequest(
      this.#server,
      this.#client,
      oauth.None(),
      parameters,
      this.#redirectUri,
      verifier,
    );
    const expected = { expectedNonce: nonce, requireIdToken: true };
    return tokensOf(
      await oauth.processAuthorizationCodeResponse(this.#server, this.#client, response, expected),
    );
  }

  /** Providers that rotate refresh tokens give another one; others leave it out. */
  async renew({ refreshToken = '', idToken }: Tokens): Promise<Tokens> {
    const response = await oauth.refreshTokenGrantRequest(
      this.#server,
      this.#client,
      oauth.None(),
      refreshToken,
    );
    const tokens = tokensOf(await oauth.processRefreshTokenResponse(this.#server, this.#client, response));
    return { refreshToken, ...(idToken === undefined ? {} : { idToken }), ...tokens };
  }

  /** Where the person signs out of the provider; `undefined` where the provider has no such place. */
  signOutUrl({ idToken }: Tokens): URL | undefined {
    if (this.#server.end_session_endpoint === undefined) return undefined;
    const url = new URL(this.#server.end_session_endpoint);
    url.searchParams.set('client_id', this.#client.client_id);
    url.searchParams.set('post_logout_redirect_uri', this.#redirectUri);
    if (idToken !== undefined) url.searchParams.set('id_token_hint', idToken);
    return url;
  }
}

function tokensOf(answer: oauth.TokenEndpointResponse): Tokens {
  const lifetimeMs = (answer.expires_in ?? Number.POSITIVE_INFINITY) * 1000;
  const claims = oauth.getValidatedIdTokenClaims(answer);
  const name = ['name', 'preferred_username', 'email', 'sub']
    .map((claim) => claims?.[claim])
    .find((value): value is string => typeof value === 'string' && value !== '');
  return {
    accessToken: answer.access_token,
    lifetimeMs,
    expiresAt: Date.now() + lifetimeMs,
    ...(answer.refresh_token === undefined ? {} : { refreshToken: answer.refresh_token }),
    ...(answer.id_token === undefined ? {} : { idToken: answer.id_token }),
    ...(name === undefined ? {} : { name }),
  };
}

/** Whether the provider itself has refused, and asking it again changes nothing. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof oauth.ResponseBodyError ||
    error instanceof oauth.AuthorizationResponseError ||
    error instanceof oauth.OperationProcessingError ||
    error instanceof oauth.WWWAuthenticateChallengeError
  );
}

/** The provider's code for a refusal, for example `access_denied`. */
export function refusalCode(error: unknown): string | undefined {
  const hasCode =
    error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError;
  return hasCode ? error.error : undefined;
}
