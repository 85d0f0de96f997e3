import { createHash } from 'node:crypto';
import * as z from 'zod';
import { readBaseUrl } from '../qure/base-url.ts';
import type { QureCredentials } from '../qure/credentials.ts';
import type { QureAddress, Source } from './source.ts';

/** An empty text is one that has not been filled in yet. */
const secretSchema = z.object({
  token: z.string().min(1),
  baseUrl: z.union([z.literal(''), z.url()]).optional(),
  source: z.string().optional(),
});

/**
 * Reads a source's secret, `{"token"}` with or without `baseUrl` and `source`; `undefined` while the operator has not filled
 * it in. What the secret holds wins over the document: a person who may change a parameter, but not the secret, cannot send
 * its token to another place. A base URL in the secret that is none is a mistake there, and the document's does not take its
 * place.
 */
export function parseCredentials(secret: string, address: QureAddress = {}): QureCredentials | undefined {
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
  return { baseUrl, token: held.token, source };
}

/** Equal for credentials of one workspace, however its base URL is written and whatever the token. Names neither. */
export function workspaceIdOf({ baseUrl, source }: Pick<QureCredentials, 'baseUrl' | 'source'>): string {
  const url = readBaseUrl(baseUrl);
  const place = url.kind === 'ok' ? url.origin + url.pathPrefix : baseUrl.trim();
  return createHash('sha256')
    .update(JSON.stringify([place, source]))
    .digest('hex')
    .slice(0, 32);
}

/** `undefined` while the source's secret is missing or not filled in. */
export type LoadCredentials = (source: Pick<Source, 'name' | 'qure'>) => Promise<QureCredentials | undefined>;
