import * as z from 'zod';
import type { QureAddress, QureCredentials } from './source.ts';

/** An empty text is one that nobody has filled in yet. */
const secretSchema = z.object({
  token: z.string().min(1),
  baseUrl: z.union([z.literal(''), z.url()]).optional(),
  source: z.string().optional(),
});

/**
 * Reads a source's secret, `{"token"}` with or without `baseUrl` and `source`; `undefined` while the operator has not filled
 * it in. What the secret holds wins over the document: whoever may change a parameter, but not the secret, cannot send
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
