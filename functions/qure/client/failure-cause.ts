/**
 * The code of a failed exchange (`ECONNRESET`, `ENOTFOUND`, `UND_ERR_HEADERS_TIMEOUT`, `CERT_HAS_EXPIRED` …), looked for
 * along the chain of causes. Codes only: the messages name hosts and addresses. Undefined for an error that no network
 * or server brings about; that is a bug, and is to be thrown on.
 */
export function failureCauseOf(error: unknown): string | undefined {
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    const code = 'code' in current ? current.code : undefined;
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code)) {
      // These say that the call was made wrongly.
      return code.startsWith('ERR_INVALID') || code === 'UND_ERR_INVALID_ARG' ? undefined : code;
    }
    if (current.name === 'HTTPParserError') {
      return 'HPE_UNREADABLE';
    }
    current = current.cause;
  }
  return undefined;
}
