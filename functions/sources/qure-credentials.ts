import { createHash } from 'node:crypto';
import { isLoopbackBaseUrl, readBaseUrl } from '../qure/base-url.ts';
import type { QureCredentials } from '../qure/credentials.ts';
import { readProxyUrl } from '../qure/network.ts';
import { defined } from '../shared/defined.ts';
import * as z from '../shared/schema.ts';
import type { QureAddress, Source, SourceNetwork } from './source.ts';

/** An empty text is one that has not been filled in yet. Only those who call Qure read one. */
const secretSchema = z.lazy(() =>
  z.object({
    token: z.string().check(z.minLength(1)),
    baseUrl: z.optional(z.union([z.literal(''), z.url()])),
    source: z.optional(z.string()),
    proxyUrl: z.optional(
      z.string().check(z.refine((text) => text === '' || readProxyUrl(text).kind === 'ok')),
    ),
  }),
);

/**
 * Reads a source's secret, `{"token"}` with or without `baseUrl`, `source` and `proxyUrl`; `undefined` while the operator has
 * not filled it in. What the secret holds wins over the document: a person who may change a parameter, but not the secret,
 * cannot send its token to another place. A URL in the secret that is none is a mistake there, and the document's does not
 * take its place. Certificates come from a secret of their own.
 */
export function parseCredentials(
  secret: string,
  address: QureAddress = {},
  { caSecretName: _named, ...way }: SourceNetwork = {},
): QureCredentials | undefined {
  let value: unknown;
  try {
    value = JSON.parse(secret);
  } catch {
    return undefined;
  }
  const held = secretSchema.safeParse(value).data;
  const baseUrl = held?.baseUrl || address.baseUrl;
  const source = held?.source || address.source;
  if (held === undefined || baseUrl === undefined || source === undefined) return undefined;
  const proxyUrl = held.proxyUrl || way.proxyUrl;
  const network = { ...way, ...defined({ proxyUrl }) };
  return { baseUrl, token: held.token, source, ...(Object.keys(network).length > 0 && { network }) };
}

/** Equal for credentials of one workspace, however its base URL is written and whatever the token. Names neither. */
export function workspaceIdOf({ baseUrl, source }: Pick<QureCredentials, 'baseUrl' | 'source'>): string {
  const url = readBaseUrl(baseUrl, { allowHttp: true });
  const place = url.kind === 'ok' ? url.origin + url.pathPrefix : baseUrl.trim();
  return createHash('sha256')
    .update(JSON.stringify([place, source]))
    .digest('hex')
    .slice(0, 32);
}

/** As `workspaceIdOf`, without the port of a loopback address: the bundled simulator has another one after each start. */
export function lastingWorkspaceIdOf({
  baseUrl,
  source,
}: Pick<QureCredentials, 'baseUrl' | 'source'>): string {
  const url = readBaseUrl(baseUrl, { allowHttp: true });
  const isLocal = url.kind === 'ok' && isLoopbackBaseUrl(baseUrl);
  return workspaceIdOf({ baseUrl: isLocal ? `http://localhost${url.pathPrefix}` : baseUrl, source });
}

/** Qure cannot be called before a person has corrected something else than the source's secret. */
export interface IncompleteAccess {
  kind: 'incomplete';
  /** What is wrong, and what to do. */
  detail: string;
}

/** `undefined` while the source's secret is missing or not filled in. */
export type LoadCredentials = (
  source: Pick<Source, 'name' | 'qure' | 'network'>,
) => Promise<QureCredentials | IncompleteAccess | undefined>;
