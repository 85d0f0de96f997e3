import type { IncomingMessage } from 'node:http';
import { notUploaded } from './api-answers.ts';
import type { Fault } from './fault-rules.ts';
import type { HandledCall } from './handled-call.ts';
import { emptyReply, jsonReply } from './reply.ts';
import { hasBody, malformed } from './request-rules.ts';
import type { SimulatorContext } from './simulator-context.ts';

const MAX_BODY_BYTES = 64 * 1024;

/** `GET /compute/{SeriesInstanceUID}`; the body `{"recompute": true}` of this GET requests a new computation. */
export async function handleCompute(
  request: IncomingMessage,
  context: SimulatorContext,
  uid: string,
  fault: Fault | undefined,
): Promise<HandledCall> {
  const isRecompute = await readRecompute(request);
  if (isRecompute === null) {
    const { reply, reason } = malformed('The body of a compute call must be JSON like {"recompute": true}');
    return { reply, note: { refusal: reason } };
  }
  const note = { isRecompute };
  const series = context.state.series.get(uid);
  if (series === undefined) return { reply: notUploaded(context.dialect, 'SeriesInstanceUID', uid), note };
  if (series.computations.length > 0 && !isRecompute) {
    if (context.dialect.repeatedCompute === 304) return { reply: emptyReply(304), note };
    return { reply: pushed(uid, 'was already'), note };
  }
  context.state.acceptComputation(uid, isRecompute);
  if (fault?.kind === 'forget_series') context.state.forget(uid);
  return { reply: pushed(uid, 'successfully'), note };
}

function pushed(uid: string, how: string) {
  return jsonReply(200, {
    message: `${uid} ${how} pushed for computation!`,
    success: true,
    authenticated: true,
  });
}

/** `null` for a body that differs from Qure's documentation. */
async function readRecompute(request: IncomingMessage): Promise<boolean | null> {
  if (!hasBody(request)) return false;
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    sizeBytes += (chunk as Buffer).length;
    if (sizeBytes <= MAX_BODY_BYTES) chunks.push(chunk as Buffer);
  }
  if (sizeBytes === 0) return false;
  if (sizeBytes > MAX_BODY_BYTES || !/^application\/json\b/.test(request.headers['content-type'] ?? ''))
    return null;
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return null;
    const recompute = 'recompute' in body ? body.recompute : false;
    return typeof recompute === 'boolean' ? recompute : null;
  } catch {
    return null;
  }
}
