import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** A request that cannot be served, as RFC 9457 tells it. */
export class ProblemError extends Error {
  override name = 'ProblemError';
  readonly status: number;
  readonly title: string;
  readonly headers: Record<string, string>;

  constructor(status: number, title: string, detail: string, headers: Record<string, string> = {}) {
    super(detail);
    this.status = status;
    this.title = title;
    this.headers = headers;
  }
}

/** A name that the sources document does not have; a source with mistakes is left out of it too. */
export function unknownSource(): ProblemError {
  return new ProblemError(
    404,
    'Unknown source',
    'source: expected the name of a source of the sources document without mistakes; GET /v1/health names them',
  );
}

export function problem({ status, title, message: detail, headers }: ProblemError) {
  return json(status, { type: 'about:blank', title, status, detail }, 'application/problem+json', headers);
}

export function json(
  status: number,
  body: object,
  contentType = 'application/json',
  headers: Record<string, string> = {},
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: status,
    headers: { 'content-type': contentType, 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}
