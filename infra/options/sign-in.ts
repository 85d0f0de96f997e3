import { Token } from 'aws-cdk-lib';

/** The provider at which people sign in to the page. Any that speaks OpenID Connect, with tokens that API Gateway can check. */
export interface SignInOptions {
  /**
   * As the tokens say it (`iss`), and as its document of discovery: for example `https://login.microsoftonline.com/<tenant>/v2.0`. API
   * Gateway fetches its keys from there, over the internet.
   */
  issuer: string;
  /** Of the application that is registered there for the page: a public client, without a secret. */
  clientId: string;
  /**
   * One of them has to be the audience (`aud`, or `client_id`) of a token.
   * @default the client id
   */
  audience?: readonly string[];
  /**
   * What the page asks for. Many providers give a token for the audience, or a refresh token, only for a scope of its own.
   * @default openid
   */
  scopes?: readonly string[];
  /** The claim of the token that lists the roles, at its top level; docs/api.md#roles has their names. */
  rolesClaim: string;
  /**
   * The claim that is recorded as the person's name beside the subject, for example `email`: with each retry, redrive and upload.
   * @default none: the subject alone, which says nothing of the person outside of the provider
   */
  nameClaim?: string;
  /**
   * Origins of the provider besides that of the issuer to which a browser connects: those of its token endpoint and its keys.
   * @default none
   */
  origins?: readonly string[];
}

/** The page for people, served by the HTTP API. */
export interface ConsoleOptions {
  /** Who may see it is decided by roles in the token of the person who has signed in. */
  signIn: SignInOptions;
  /**
   * Where a browser finds the page, if the API has a domain of its own: `https://scans.hospital.example`.
   * @default the address of the API, output `ApiUrl`
   */
  origin?: string;
}

/** RFC 6749, section 3.3. */
const SCOPE = /^[\x21\x23-\x5B\x5D-\x7E]+$/;
const WORD = /^\S+$/;
const MOST_ENTRIES = 20;

/** @param options also from JavaScript or a context, where anything may be missing */
export function consoleMistakes(options: ConsoleOptions, hasHttpApi: boolean): string[] {
  const { origin, signIn } = options as Partial<ConsoleOptions>;
  const mistakes = origin === undefined ? [] : originMistakes('console.origin', origin);
  if (!hasHttpApi)
    mistakes.push(
      'console: expected the HTTP API, which serves the page, got httpApi: false; leave one of them out',
    );
  if (signIn === undefined)
    return [
      ...mistakes,
      'console.signIn: expected how people sign in, got none; give it or leave console out',
    ];
  const { issuer, clientId, audience, scopes, rolesClaim, nameClaim, origins = [] } = signIn;
  mistakes.push(...issuerMistakes(issuer));
  mistakes.push(...wordMistakes('clientId', clientId));
  mistakes.push(...wordMistakes('rolesClaim', rolesClaim));
  if (nameClaim !== undefined) mistakes.push(...wordMistakes('nameClaim', nameClaim));
  if (audience !== undefined) mistakes.push(...listMistakes('audience', audience, WORD));
  if (scopes !== undefined) {
    mistakes.push(...listMistakes('scopes', scopes, SCOPE));
    if (!Token.isUnresolved(scopes) && !scopes.includes('openid'))
      mistakes.push('console.signIn.scopes: expected openid among them, got none; add it');
  }
  mistakes.push(...origins.flatMap((one) => originMistakes('console.signIn.origins', one)));
  return mistakes;
}

function issuerMistakes(issuer: unknown): string[] {
  if (Token.isUnresolved(issuer)) return [];
  const says = (expected: string) => [
    `console.signIn.issuer: expected ${expected}, got ${JSON.stringify(issuer)}; copy it from "issuer" of the provider's /.well-known/openid-configuration`,
  ];
  if (typeof issuer !== 'string' || !/^https:\/\/[^\s{}<>?#@]+$/.test(issuer) || !URL.canParse(issuer))
    return says('an address with https, without spaces, placeholders, user, query and fragment');
  const { hostname, pathname } = new URL(issuer);
  if (pathname.includes('/.well-known/')) return says('the issuer itself, not the address of its document');
  // Their tokens name the tenant of the person as the issuer, and are refused. Source: Microsoft identity platform, "Validate the issuer".
  if (hostname === 'login.microsoftonline.com' && /^\/(?:common|organizations|consumers)\b/.test(pathname))
    return says('one tenant of Entra ID');
  return [];
}

function wordMistakes(name: 'clientId' | 'rolesClaim' | 'nameClaim', value: unknown): string[] {
  if (Token.isUnresolved(value) || (typeof value === 'string' && WORD.test(value))) return [];
  return [`console.signIn.${name}: expected a text without spaces, got ${JSON.stringify(value)}; correct it`];
}

function listMistakes(name: 'audience' | 'scopes', values: readonly string[], each: RegExp): string[] {
  if (Token.isUnresolved(values)) return [];
  const isFine = (value: unknown) =>
    Token.isUnresolved(value) || (typeof value === 'string' && each.test(value));
  const bad = values.filter((value) => !isFine(value));
  if (values.length > 0 && values.length <= MOST_ENTRIES && bad.length === 0) return [];
  const got = bad.length > 0 ? JSON.stringify(bad[0]) : String(values.length);
  return [
    `console.signIn.${name}: expected 1 to ${MOST_ENTRIES} texts without spaces, got ${got}; correct it or leave it out`,
  ];
}

function originMistakes(name: string, origin: unknown): string[] {
  if (Token.isUnresolved(origin)) return [];
  const isOrigin =
    typeof origin === 'string' &&
    origin.startsWith('https://') &&
    URL.canParse(origin) &&
    new URL(origin).origin === origin;
  if (isOrigin) return [];
  return [
    `${name}: expected https:// and a host in lower case, and nothing behind it, got ${JSON.stringify(origin)}; correct it`,
  ];
}
