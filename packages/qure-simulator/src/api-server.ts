import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type GuardRules, guardHandler, LARGE_BODY_BYTES } from '@qure-dropoff/network-guard';
import { handleCompute } from './compute-handler.ts';
import { deliver, resetConnection, seenStatus, spoil } from './delivery.ts';
import { earlyReply, withSlash } from './early-faults.ts';
import type { Fault, Stage } from './fault-rules.ts';
import type { HandledCall } from './handled-call.ts';
import type { SimulatedCall } from './journal.ts';
import { emptyReply, jsonReply } from './reply.ts';
import { checkRequest } from './request-rules.ts';
import { handleInstanceResults, handleSeriesResults } from './results-handler.ts';
import type { SimulatorContext } from './simulator-context.ts';
import { handleUpload } from './upload-handler.ts';

type Route = {
  stage: Stage;
  method: 'GET' | 'POST';
  name: 'upload' | 'compute' | 'series' | 'instance';
  uid?: string;
};

const UPLOAD_PATH = /^\/(?:studies|upload)\/?$/;
const UID_PATH = /^\/(compute|results\/v2|results)\/([^/]+)\/?$/;

const GUARD: GuardRules = { maxBodyBytes: LARGE_BODY_BYTES, body: 'streamed' };

/** Qure's API. The caller makes it listen. */
export function createApiServer(context: SimulatorContext): Server {
  const server = createServer(
    guardHandler(GUARD, (request, response) =>
      serve(context, request, response).catch(() => resetConnection(request)),
    ),
  );
  // An upload may be slow or pause for some time; the timeout of the client ends it.
  server.requestTimeout = 0;
  return server;
}

async function serve(
  context: SimulatorContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = '/'] = (request.url ?? '/').split('?');
  const route = findRoute(context.basePath, path);
  const call: Omit<SimulatedCall, 'status'> = {
    at: new Date(context.nowMs()).toISOString(),
    stage: route?.stage ?? 'other',
    method: request.method ?? '',
    path,
    ...(route?.uid === undefined ? {} : { uid: route.uid }),
  };
  const refused = refuse(context, request, route);
  if (refused !== null || route === null) {
    const { reply, note } = refused ?? { reply: jsonReply(404, { message: 'Not found.' }) };
    context.journal.add({ ...call, ...note, status: reply.status });
    return deliver(request, response, reply, undefined);
  }
  const fault = context.faults.next(route.stage, path);
  const early = earlyReply(request, context, fault, route.uid ?? '');
  const { reply, note } = early === null ? await handle(context, request, route, fault) : { reply: early };
  context.journal.add({
    ...call,
    ...note,
    status: seenStatus(reply, fault),
    ...(fault === undefined ? {} : { fault: fault.kind }),
  });
  await deliver(request, response, spoil(reply, fault), fault);
}

function findRoute(basePath: string, path: string): Route | null {
  if (!path.startsWith(`${basePath}/`)) return null;
  const below = path.slice(basePath.length);
  if (UPLOAD_PATH.test(below)) return { stage: 'upload', method: 'POST', name: 'upload' };
  const [, kind, encodedUid = ''] = UID_PATH.exec(below) ?? [];
  if (kind === undefined) return null;
  const uid = decodeUid(encodedUid);
  if (kind === 'compute') return { stage: 'compute', method: 'GET', name: 'compute', uid };
  return { stage: 'results', method: 'GET', name: kind === 'results' ? 'series' : 'instance', uid };
}

function decodeUid(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

/** The answer of a server before it reads any state; `null` if the call may continue. */
function refuse(
  context: SimulatorContext,
  request: IncomingMessage,
  route: Route | null,
): HandledCall | null {
  const refusal = checkRequest(request, context);
  if (refusal !== null) return { reply: refusal.reply, note: { refusal: refusal.reason } };
  if (route === null) {
    return { reply: jsonReply(404, { message: 'Not found.' }), note: { refusal: 'no such path' } };
  }
  const url = request.url ?? '/';
  if (route.name === 'upload' && context.dialect.redirectsMissingSlash && !url.endsWith('/')) {
    return {
      reply: emptyReply(301, { location: withSlash(url) }),
      note: { refusal: 'the slash is missing' },
    };
  }
  if (request.method !== route.method) {
    const reply = { ...jsonReply(405, { message: 'Method not allowed.' }), headers: { allow: route.method } };
    return { reply, note: { refusal: `the method is not ${route.method}` } };
  }
  return null;
}

async function handle(
  context: SimulatorContext,
  request: IncomingMessage,
  route: Route,
  fault: Fault | undefined,
): Promise<HandledCall> {
  const uid = route.uid ?? '';
  switch (route.name) {
    case 'upload':
      return handleUpload(request, context, fault);
    case 'compute':
      return handleCompute(request, context, uid, fault);
    case 'series':
      return { reply: handleSeriesResults(context, uid, fault) };
    case 'instance':
      return { reply: handleInstanceResults(context, uid, fault) };
  }
}
