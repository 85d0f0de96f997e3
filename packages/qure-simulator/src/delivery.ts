import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault-rules.ts';
import type { Reply } from './reply.ts';

const PADDING = Buffer.alloc(64 * 1024, ' ');

/** What the caller receives, for the journal. */
export function seenStatus(reply: Reply, fault: Fault | undefined): number | 'reset' | 'hang' {
  return fault?.kind === 'reset' || fault?.kind === 'hang' ? fault.kind : reply.status;
}

/** Closes the connection with a TCP reset. */
export function resetConnection(request: IncomingMessage): void {
  request.socket.resetAndDestroy();
}

/** Changes an answer's body as the fault says. */
export function spoil(reply: Reply, fault: Fault | undefined): Reply {
  if (fault?.kind === 'truncated_json') {
    return { ...reply, body: reply.body.subarray(0, Math.floor(reply.body.length / 2)) };
  }
  if (fault?.kind === 'content_type') return { ...reply, contentType: fault.contentType };
  if (fault?.kind === 'not_json') return { ...reply, body: Buffer.from('<<this is not JSON>>') };
  if (fault?.kind === 'huge_body' || fault?.kind === 'padded') return { ...reply, paddingBytes: fault.bytes };
  return reply;
}

/** Sends the answer, or the part that the fault leaves. Never rejects: a disconnected caller needs no action. */
export async function deliver(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  fault: Fault | undefined,
): Promise<void> {
  // An unused body is read to its end; otherwise a reset would lose the answer.
  request.resume();
  if (fault?.kind === 'hang') return;
  if (fault?.kind === 'reset') return resetConnection(request);
  if (fault?.kind === 'slow') await sleep(fault.delayMs, undefined, { ref: false });
  if (response.destroyed) return;
  const paddingBytes = reply.paddingBytes ?? 0;
  response.writeHead(reply.status, {
    ...(reply.contentType === undefined ? {} : { 'content-type': reply.contentType }),
    // RFC 9110 section 15.4.5: a 304 has no body, and no length of one.
    ...(reply.status === 304 ? {} : { 'content-length': reply.body.length + paddingBytes }),
    ...reply.headers,
  });
  if (fault?.kind === 'cut_off') {
    const half = reply.body.subarray(0, Math.floor(reply.body.length / 2));
    response.write(half, () => response.destroy());
    return;
  }
  if (fault?.kind === 'drip') await drip(response, reply.body, fault.everyMs);
  else response.write(reply.body);
  await writePadding(response, paddingBytes);
  response.end();
}

async function drip(response: ServerResponse, body: Uint8Array, everyMs: number): Promise<void> {
  for (let at = 0; at < body.length && !response.destroyed; at += 1) {
    response.write(body.subarray(at, at + 1));
    await sleep(everyMs, undefined, { ref: false });
  }
}

async function writePadding(response: ServerResponse, bytes: number): Promise<void> {
  const gone = once(response, 'close').catch(() => undefined);
  for (let left = bytes; left > 0 && !response.destroyed; left -= PADDING.length) {
    if (!response.write(PADDING.subarray(0, left))) {
      await Promise.race([once(response, 'drain').catch(() => undefined), gone]);
    }
  }
}
