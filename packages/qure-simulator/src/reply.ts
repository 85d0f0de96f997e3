/** The answer of a handler; `delivery.ts` sends it. */
export interface Reply {
  status: number;
  body: Buffer;
  contentType?: string;
  headers?: Record<string, string>;
  /** Spaces after the body, generated while they are sent. */
  paddingBytes?: number;
}

export function jsonReply(status: number, value: unknown): Reply {
  return { status, body: Buffer.from(JSON.stringify(value)), contentType: 'application/json' };
}

export function textReply(status: number, text: string): Reply {
  return { status, body: Buffer.from(text), contentType: 'text/plain; charset=utf-8' };
}

export function xmlReply(status: number, code: string, message: string): Reply {
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, body: Buffer.from(xml), contentType: 'application/xml' };
}

/** The page of a proxy in front of Qure. */
export function proxyPageReply(status: number, reason: string): Reply {
  const title = `${status} ${reason}`;
  const html = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
  return { status, body: Buffer.from(html), contentType: 'text/html' };
}

export function emptyReply(status: number, headers: Record<string, string> = {}): Reply {
  return { status, body: Buffer.alloc(0), headers };
}
