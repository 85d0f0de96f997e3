import type { IncomingMessage } from 'node:http';
import { injectedStatus } from './api-answers.ts';
import type { Fault } from './fault-rules.ts';
import { emptyReply, type Reply } from './reply.ts';
import type { SimulatorContext } from './simulator-context.ts';

/** The answer of a fault before any effect of the call; `null` if the call continues to its handler. */
export function earlyReply(
  request: IncomingMessage,
  context: SimulatorContext,
  fault: Fault | undefined,
  uid: string,
): Reply | null {
  if (fault?.kind === 'status') {
    const reply = injectedStatus(fault.status, fault.body, context.dialect, uid);
    const seconds = fault.retryAfterSeconds;
    if (seconds === undefined) return reply;
    const date = new Date(context.nowMs() + seconds * 1000).toUTCString();
    const retryAfter = fault.retryAfterAs === 'date' ? date : String(seconds);
    return { ...reply, headers: { ...reply.headers, 'retry-after': retryAfter } };
  }
  if (fault?.kind === 'redirect') {
    return emptyReply(fault.status, { location: fault.to ?? withSlash(request.url ?? '/') });
  }
  const isLost = (fault?.kind === 'reset' || fault?.kind === 'hang') && fault.when === 'before';
  return isLost ? emptyReply(500) : null;
}

/**
 * The same address with a slash at the end of its path; one with a query is unchanged (its signature covers the path).
 */
export function withSlash(url: string): string {
  return url.includes('?') || url.endsWith('/') ? url : `${url}/`;
}
