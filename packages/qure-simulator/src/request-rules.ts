import type { IncomingMessage } from 'node:http';
import { accessDenied, unauthorized } from './api-answers.ts';
import { jsonReply, type Reply } from './reply.ts';
import type { SimulatorContext } from './simulator-context.ts';

export interface Refusal {
  reply: Reply;
  /** For the journal: the violated rule. Never contains what was sent. */
  reason: string;
}

/** Checks the required headers of every call to Qure; `null` if they are valid. */
export function checkRequest(request: IncomingMessage, context: SimulatorContext): Refusal | null {
  const { authorization, source } = request.headers;
  const { token, source: workspace } = context.credentials;
  if (authorization === undefined) return { reply: unauthorized(), reason: 'Authorization is missing' };
  if (authorization !== `Token ${token}`) {
    const isOtherScheme = !authorization.startsWith('Token ');
    const reason = isOtherScheme ? 'Authorization is not of the form "Token <token>"' : 'the token is wrong';
    return { reply: unauthorized(), reason };
  }
  if (source === undefined) return { reply: accessDenied(context.dialect), reason: 'Source is missing' };
  if (source !== workspace) return { reply: accessDenied(context.dialect), reason: 'Source is wrong' };
  if ((request.headers['user-agent'] ?? '') === '') return malformed('User-Agent is missing');
  if (hasBody(request) && request.headers['content-type'] === undefined) {
    return malformed('Content-Type is missing on a call with a body');
  }
  return null;
}

/** RFC 9112 section 6: a request has a body exactly if it has one of these two headers. */
export function hasBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** 400 for a call that differs from Qure's documentation. */
export function malformed(reason: string): Refusal {
  return { reply: jsonReply(400, { success: false, message: reason }), reason };
}
