import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import type { IdentityProvider } from './identity-provider.ts';

export type Authorizer = (authorization: string | undefined) => Promise<Record<string, string> | undefined>;

/**
 * Checks a token as the JWT authorizer of an HTTP API does, and gives its claims as texts, or `undefined` for 401. Source: Amazon API
 * Gateway developer guide, "Control access to HTTP APIs with JWT authorizers"; how claims become texts is documented nowhere.
 */
export async function jwtAuthorizer(
  { issuer, getJson }: Pick<IdentityProvider, 'issuer' | 'getJson'>,
  audience: string,
): Promise<Authorizer> {
  const document = (await getJson(`${issuer}/.well-known/openid-configuration`)) as { jwks_uri: string };
  const keys = createLocalJWKSet((await getJson(document.jwks_uri)) as JSONWebKeySet);
  return async (authorization) => {
    const token = /^(?:Bearer )?(\S+)$/.exec(authorization ?? '')?.[1];
    if (token === undefined) return undefined;
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        issuer,
        algorithms: ['RS256', 'RS384', 'RS512'],
        requiredClaims: ['exp'],
      });
      const of = [payload.aud ?? payload['client_id']].flat();
      if (protectedHeader.kid === undefined || !of.includes(audience)) return undefined;
      return Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, textOf(value)]));
    } catch {
      return undefined;
    }
  };
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(' ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `map[${Object.entries(value)
    .map(([name, one]) => `${name}:${textOf(one)}`)
    .join(' ')}]`;
}
