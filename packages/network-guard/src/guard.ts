import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { type GuardRules, SANDBOX_HEADERS } from './guard-rules.ts';
import { type HttpProblem, PROBLEM_TYPE, problemBody } from './http-problem.ts';
import { jsonObjectRefusal, refusalOf, tooLarge } from './refusal.ts';
import { discardBody, holdBody, limitBody } from './request-body.ts';

/** `body` is empty if the rules say `streamed`. */
export type GuardedHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
) => void | Promise<void>;

/**
 * Applies the rules before a handler. Every listener of this host uses it. An exception of the handler ends its
 * request, not the host.
 */
export function guardHandler(rules: GuardRules, handler: GuardedHandler): RequestListener {
  return (request, response) => {
    // A disconnected client needs no action; without a listener the error would end the process.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    for (const [name, value] of Object.entries(rules.headers ?? SANDBOX_HEADERS))
      response.setHeader(name, value);
    const refuse = (problem: HttpProblem): void => sendRefusal(rules, request, response, problem);
    const handle = async (body: Buffer): Promise<void> => {
      try {
        await handler(request, response, body);
      } catch {
        const detail = 'expected an answer, got a failure of this server: nothing more is known';
        refuse({ status: 500, title: 'Internal Server Error', detail });
      }
    };
    const refusal = refusalOf(rules, request);
    if (refusal !== undefined) {
      refuse(refusal);
    } else if (rules.body === 'streamed') {
      limitBody(request, rules.maxBodyBytes, () => {
        refuse(tooLarge(rules));
        // The handler learns of it only after the answer is sent: its own answer then has no effect.
        response.once('finish', () => request.destroy());
      });
      void handle(Buffer.alloc(0));
    } else {
      const onWhole = (body: Buffer): void => {
        const problem = rules.jsonType === undefined ? undefined : jsonObjectRefusal(body);
        if (problem === undefined) void handle(body);
        else refuse(problem);
      };
      holdBody(request, rules.maxBodyBytes, onWhole, () => refuse(tooLarge(rules)));
    }
  };
}

/** Applies the rules before a server that a library has made. */
export function guardServer(server: Server, rules: GuardRules): void {
  const handlers = server.listeners('request');
  server.removeAllListeners('request');
  server.on(
    'request',
    guardHandler(rules, (request, response) => {
      for (const handler of handlers) handler.call(server, request, response);
    }),
  );
}

function sendRefusal(
  rules: GuardRules,
  request: IncomingMessage,
  response: ServerResponse,
  problem: HttpProblem,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, contentType, body } = rules.refusal?.(problem) ?? {
    status: problem.status,
    contentType: PROBLEM_TYPE,
    body: problemBody(problem),
  };
  for (const [name, value] of Object.entries(problem.headers ?? {})) response.setHeader(name, value);
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  if (request.method !== 'HEAD') response.write(body);
  discardBody(request, () => response.end());
}
