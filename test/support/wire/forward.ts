import { request as httpRequest } from 'node:http';
import type { WireAnswer } from './refusals.ts';
import type { WireRequest } from './wire-request.ts';

/** The service's whole answer. Each call has a connection of its own, so that one that breaks breaks no other. */
export function forward(upstream: URL, call: WireRequest, signal: AbortSignal): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = open(upstream, call, signal);
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const headers: Record<string, string> = {};
        for (const [name, value] of Object.entries(response.headers)) {
          if (value === undefined || name === 'transfer-encoding' || name === 'connection') continue;
          headers[name] = Array.isArray(value) ? value.join(', ') : value;
        }
        resolve({ status: response.statusCode ?? 502, headers, body: Buffer.concat(chunks) });
      });
    });
    outgoing.end(call.body);
  });
}

/** Half of the request, then the connection to the service breaks. Resolves when that has happened. */
export function forwardHalf(upstream: URL, call: WireRequest, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const outgoing = open(upstream, call, signal);
    outgoing.once('error', () => resolve());
    outgoing.once('close', () => resolve());
    outgoing.write(call.body.subarray(0, Math.floor(call.body.length / 2)), () => outgoing.destroy());
  });
}

function open(upstream: URL, { method, path, headers }: WireRequest, signal: AbortSignal) {
  const { hostname, port } = upstream;
  return httpRequest({ hostname, port, method, path, headers, agent: false, signal });
}
