import type { IncomingMessage } from 'node:http';

/** So long and so much may a client go on sending what nobody wants, so that it can read why. Then the connection ends. */
const LINGER_MS = 5_000;
const LINGER_BYTES = 16 * 1024 * 1024;

/**
 * Watches a request's body at the point where node's parser hands it over, so that no reader behind can take more than
 * `maxBytes`. The first chunk that is over the limit does not come through, and `onTooLarge` is called: it has to see to the rest.
 */
export function limitBody(request: IncomingMessage, maxBytes: number, onTooLarge: () => void): void {
  const push = request.push.bind(request);
  let bytes = 0;
  request.push = (chunk: Buffer | null, encoding) => {
    bytes += chunk?.length ?? 0;
    if (bytes <= maxBytes) return push(chunk, encoding);
    onTooLarge();
    return true;
  };
}

/**
 * Holds a request's body until all of it is here. One that breaks off is never handed on, one over `maxBytes` is not either.
 * The request itself can still be read as if nothing had happened.
 */
export function holdBody(
  request: IncomingMessage,
  maxBytes: number,
  onWhole: (body: Buffer) => void,
  onTooLarge: () => void,
): void {
  const push = request.push.bind(request);
  const chunks: Buffer[] = [];
  request.push = (chunk: Buffer | null, encoding) => {
    if (chunk !== null) {
      chunks.push(chunk);
      return true;
    }
    const body = Buffer.concat(chunks);
    if (body.length > 0) push(body, encoding);
    const more = push(null);
    onWhole(body);
    return more;
  };
  limitBody(request, maxBytes, onTooLarge);
}

/**
 * Throws away what is still to come of a request's body, and calls `onEnd` when all of it has come: a connection that is cut at
 * once would take the answer with it. One that does not end is cut.
 */
export function discardBody(request: IncomingMessage, onEnd: () => void): void {
  if (request.complete) {
    onEnd();
    return;
  }
  const cut = setTimeout(() => request.destroy(), LINGER_MS).unref();
  let bytes = 0;
  request.push = (chunk: Buffer | null) => {
    bytes += chunk?.length ?? 0;
    if (chunk === null) {
      clearTimeout(cut);
      onEnd();
    } else if (bytes > LINGER_BYTES) {
      request.destroy();
    }
    return true;
  };
}
