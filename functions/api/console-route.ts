import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { OpenPatient } from '../instances/kept-patient.ts';
import { defined } from '../shared/defined.ts';
import { VERSION } from '../shared/version.ts';
import type { ConsoleConfig } from './console-config.ts';
import type { CostsRouteDeps } from './costs-route.ts';
import { ProblemError } from './problem.ts';
import type { SignIn } from './sign-in.ts';

export type Encoding = 'br' | 'gzip' | 'identity';

export interface ConsoleRouteDeps extends CostsRouteDeps {
  /** A file of the console; undefined where there is none of this name. */
  readConsoleFile(name: string, encoding: Encoding): Promise<Buffer | undefined>;
  /** Of the buckets that links of the API lead to: `https://name.s3.eu-central-1.amazonaws.com`. */
  bucketOrigins(): Promise<readonly string[]>;
  signIn?: SignIn;
  /** Of a deployment that shows patients. */
  openPatient?: OpenPatient;
}

export const PAGE_PATH = '/';
export const CONFIG_PATH = '/console/config.json';
export const FILE_PATH = '/console/{file}';

const PAGE = 'index.html';
const ENCODINGS = ['br', 'gzip'] as const;
const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};
/** The name has a hash of its content. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/** `GET /` */
export async function showPage(
  deps: ConsoleRouteDeps,
  acceptEncoding: string | undefined,
): Promise<APIGatewayProxyStructuredResultV2> {
  const origins = await deps.bucketOrigins();
  return fileAnswer(deps, PAGE, acceptEncoding, {
    'content-type': 'text/html; charset=utf-8',
    // Where people sign in, Back must not bring the page of a person who has signed out.
    'cache-control': deps.signIn === undefined ? 'no-cache' : 'no-store',
    'content-security-policy': contentSecurityPolicy(origins, originsOf(deps.signIn)),
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
  });
}

/** `GET /console/{file}`: a script or a style of the page. */
export async function showConsoleFile(
  deps: ConsoleRouteDeps,
  name: string,
  acceptEncoding: string | undefined,
): Promise<APIGatewayProxyStructuredResultV2> {
  const type = TYPES[/^[\w-]{1,100}\.(\w+)$/.exec(name)?.[1] ?? ''];
  if (type === undefined) throw noSuchFile();
  return fileAnswer(deps, name, acceptEncoding, { 'content-type': type, 'cache-control': FOR_EVER });
}

/** `GET /console/config.json` */
export function consoleConfig({
  signIn: given,
  openPatient,
  readMonthCost,
}: Pick<ConsoleRouteDeps, 'signIn' | 'openPatient' | 'readMonthCost'>): ConsoleConfig {
  const signIn = given && { issuer: given.issuer, clientId: given.clientId, scopes: given.scopes };
  const phi = openPatient === undefined ? undefined : ('show' as const);
  const isBilled = readMonthCost === undefined ? undefined : (true as const);
  return { version: VERSION, ...defined({ signIn, phi, isBilled }) };
}

function originsOf(signIn: SignIn | undefined): string[] {
  return signIn === undefined ? [] : [new URL(signIn.issuer).origin, ...(signIn.origins ?? [])];
}

/** Scripts and styles come from this server alone; files of results and drops go straight to and from their buckets. */
function contentSecurityPolicy(origins: readonly string[], ofSignIn: readonly string[]): string {
  const buckets = origins.join(' ');
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src 'self' ${[...origins, ...ofSignIn].join(' ')}`,
    `img-src 'self' data: blob: ${buckets}`,
    `frame-src ${buckets}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
}

async function fileAnswer(
  deps: ConsoleRouteDeps,
  name: string,
  acceptEncoding: string | undefined,
  headers: Record<string, string>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const encoding = encodingFor(acceptEncoding);
  const content = await deps.readConsoleFile(name, encoding);
  if (content === undefined) throw noSuchFile();
  return {
    statusCode: 200,
    headers: {
      ...headers,
      ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
      vary: 'accept-encoding',
      'x-content-type-options': 'nosniff',
    },
    body: content.toString('base64'),
    isBase64Encoded: true,
  };
}

/** Weights are not read, except for zero: no browser prefers the larger file. */
export function encodingFor(acceptEncoding = ''): Encoding {
  const accepted = acceptEncoding
    .toLowerCase()
    .split(',')
    .filter((one) => !/;\s*q=0(?:\.0*)?\s*$/.test(one))
    .map((one) => one.split(';', 1)[0]?.trim());
  return ENCODINGS.find((one) => accepted.includes(one)) ?? 'identity';
}

function noSuchFile(): ProblemError {
  return new ProblemError(404, 'Not Found', 'no such file of the console; reload the page');
}
