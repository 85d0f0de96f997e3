import type { Answer, AnswerName } from '../../functions/api/answers.ts';
import { authorization, noteRefusedToken, urlOf } from './access.ts';
import { sentenceOf } from './format.ts';
import { noteAnswer, noteFailure, outage } from './outage.ts';
import { hasEnded } from './session.ts';

export type { Answer } from '../../functions/api/answers.ts';
export type Query = Readonly<Record<string, string | undefined>>;

/** The API refused a request (RFC 9457), or has answered with something else. */
export class RefusedError extends Error {
  override name = 'RefusedError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** No answer at all: the network, or the server, is down. */
export class UnreachableError extends Error {
  override name = 'UnreachableError';
}

export function get<Name extends AnswerName>(
  _answer: Name,
  path: `/v1/${string}`,
  query: Query = {},
  signal?: AbortSignal,
): Promise<Answer<Name>> {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const text = new URLSearchParams(given).toString();
  return ask(urlOf(path) + (text === '' ? '' : `?${text}`), { method: 'GET', ...(signal && { signal }) });
}

export function post<Name extends AnswerName>(
  _answer: Name,
  path: `/v1/${string}`,
  body: object,
): Promise<Answer<Name>> {
  return ask(urlOf(path), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function ask<T>(url: string, request: RequestInit): Promise<T> {
  const headers = { ...request.headers, ...(await authorization()) };
  let response: Response;
  try {
    response = await fetch(url, { ...request, headers, credentials: 'omit' });
  } catch (cause) {
    if (request.signal?.aborted === true) throw cause;
    noteFailure(true);
    throw new UnreachableError('The server does not answer.', { cause });
  }
  if (response.status < 500) noteAnswer();
  else noteFailure(false);
  const text = await response.text();
  const body = jsonOf(text);
  if (response.ok && body !== undefined) return body as T;
  if (response.status === 401) noteRefusedToken();
  throw new RefusedError(
    response.status,
    reasonIn(body) ?? `The server answered with status ${response.status}.`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A problem document has `detail`; API Gateway has `message`. */
function reasonIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { detail, message, title } = body as Record<string, unknown>;
  const reason = [detail, message, title].find((text) => typeof text === 'string' && text !== '');
  return typeof reason === 'string' ? sentenceOf(reason) : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Of a part that asks by itself: empty while nothing is answered at all, or the session has ended. The page says that once. */
export function troubleOf(error: unknown): string {
  return outage.peek() === undefined && !hasEnded.peek() ? messageOf(error) : '';
}
