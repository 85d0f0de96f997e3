/// <reference path="./oidc-provider.d.ts" />
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { interactionPolicy } from 'oidc-provider';
import { createAuthority } from '../wire/certificates.ts';

export const CLIENT_ID = 'console';
export const AUDIENCE = 'https://qure-dropoff.example/api';

export interface IdentityProvider {
  issuer: string;
  /** By the name with which a person signs in. */
  roles: Map<string, unknown>;
  /** Of the grants that gave tokens, in their order. */
  grantTypes: string[];
  /** Registers the page: it may be sent back to this address. */
  register(pageUrl: string): void;
  getJson(url: string): Promise<unknown>;
  close(): Promise<void>;
}

/** A real provider of OpenID Connect at an https address of this machine. Anybody signs in with any password. */
export async function startIdentityProvider({ tokenSeconds = 600 } = {}): Promise<IdentityProvider> {
  const authority = createAuthority();
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid: 'key-1', use: 'sig', alg: 'RS256' };
  let handler: ((request: IncomingMessage, response: ServerResponse) => unknown) | undefined;
  const server = createServer(authority.issue(['127.0.0.1']), (request, response) => {
    if (handler === undefined) response.writeHead(503).end();
    else handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const roles = new Map<string, unknown>();
  const grantTypes: string[] = [];
  return {
    issuer,
    roles,
    grantTypes,
    register(pageUrl) {
      const policy = interactionPolicy.base();
      // Of native applications a person is asked at every sign-in.
      policy.get('consent').checks.remove('native_client_prompt');
      const provider = new Provider(issuer, {
        clients: [
          {
            client_id: CLIENT_ID,
            token_endpoint_auth_method: 'none',
            // A web application may not be at http, as the page of a test is.
            application_type: 'native',
            grant_types: ['authorization_code', 'refresh_token'],
            response_types: ['code'],
            redirect_uris: [pageUrl],
            post_logout_redirect_uris: [pageUrl],
          },
        ],
        jwks: { keys: [key] },
        cookies: { keys: ['of a test'] },
        clientBasedCORS: () => true,
        conformIdTokenClaims: false,
        claims: { openid: ['sub', 'name'] },
        findAccount: (_context: unknown, accountId: string) => ({
          accountId,
          claims: () => ({ sub: accountId, name: `Dr ${accountId}` }),
        }),
        extraTokenClaims: (_context: unknown, { accountId }: { accountId: string }) => ({
          roles: roles.get(accountId),
        }),
        issueRefreshToken: () => true,
        interactions: { policy },
        ttl: {
          AuthorizationCode: 60,
          IdToken: 600,
          RefreshToken: 3600,
          Interaction: 3600,
          Session: 3600,
          Grant: 3600,
        },
        rotateRefreshToken: true,
        features: {
          devInteractions: { enabled: true },
          resourceIndicators: {
            enabled: true,
            defaultResource: () => AUDIENCE,
            useGrantedResource: () => true,
            getResourceServerInfo: () => ({
              scope: 'openid',
              audience: AUDIENCE,
              accessTokenTTL: tokenSeconds,
              accessTokenFormat: 'jwt',
              jwt: { sign: { alg: 'RS256' } },
            }),
          },
        },
      });
      provider.on('grant.success', ({ oidc }) => grantTypes.push(oidc.params?.grant_type ?? ''));
      handler = provider.callback();
    },
    getJson: (url) =>
      new Promise((resolve, reject) => {
        get(url, { ca: authority.caPem }, (answer) => resolve(json(answer))).once('error', reject);
      }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
