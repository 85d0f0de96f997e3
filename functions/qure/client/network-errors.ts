import type { Duplex } from 'node:stream';

/** Happens when a server says nothing for too long. */
export class TimedOutError extends Error {
  readonly code: 'CONNECT_TIMEOUT' | 'HEADERS_TIMEOUT' | 'BODY_TIMEOUT';
  constructor(code: TimedOutError['code']) {
    super(`Expected a server to go on, got nothing in time (${code}).`);
    this.code = code;
  }
}

/** Happens when a connection ends without an answer. */
export class ConnectionEndedError extends Error {
  readonly code = 'ECONNRESET';
  constructor() {
    super('Expected an answer, got the end of the connection.');
  }
}

/** Happens when a forward proxy answers by itself, in place of a connection or of the host. */
export class ProxyRefusedError extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`Expected a proxy to let a request through, got ${status}.`);
    this.status = status;
  }
}

/** Ends a connection whose event does not come in time. */
export function connectedWithin<Connection extends Duplex | null | undefined>(
  limitMs: number,
  event: 'connect' | 'secureConnect',
  connection: Connection,
): Connection {
  const timer = setTimeout(() => connection?.destroy(new TimedOutError('CONNECT_TIMEOUT')), limitMs);
  const release = () => clearTimeout(timer);
  connection?.once(event, release).once('close', release);
  return connection;
}
