import type { IncomingMessage } from 'node:http';

/**
 * How long and how much a client may continue to send after a refusal, so that it can read the answer. Then the
 * connection is closed.
 */
const LINGER_MS = 5_000;
const LINGER_BYTES = 16 * 1024 * 1024;

/**
 * Counts a request's body where Node's parser delivers it, so no reader gets more than `maxBytes`. The first chunk over
 * the limit is not delivered, and `onTooLarge` is called: it must handle the rest.
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
 * Buffers a request's body until it is complete. A truncated body, or one over `maxBytes`, is never delivered. The
 * request itself can still be read as usual.
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
 * Discards the rest of a request's body, and calls `onEnd` at its end: closing the connection at once would lose the
 * answer. A body that does not end is cut off.
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
