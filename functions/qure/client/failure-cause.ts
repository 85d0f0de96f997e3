import { ProxyRefusedError } from './network-errors.ts';

/**
 * The code of a failed exchange (`ECONNRESET`, `ENOTFOUND`, `HEADERS_TIMEOUT`, `CERT_HAS_EXPIRED` …), looked for along the
 * chain of causes; `proxy_407` and the like for what a forward proxy answers instead of a connection. Codes only: the messages
 * name hosts and addresses. Undefined for an error that no network or server brings about; that is a bug, and is to be thrown on.
 */
export function failureCauseOf(error: unknown): string | undefined {
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    if (current instanceof ProxyRefusedError) {
      return `proxy_${current.status}`;
    }
    const code = 'code' in current ? current.code : undefined;
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code)) {
      // These say that the call was made wrongly.
      return code.startsWith('ERR_INVALID') ? undefined : code;
    }
    current = current.cause;
  }
  return undefined;
}
