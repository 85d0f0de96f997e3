import addFormats from 'ajv-formats';
import { type Document, OpenAPIBackend } from 'openapi-backend';
import openApiDocument from '../../schemas/openapi.json' with { type: 'json' };

/** Reads the published document as a client of others does: paths, lists in a query, bodies and answers. */
const reader = new OpenAPIBackend({
  definition: openApiDocument as unknown as Document,
  // Its check of the document as a whole is that of OpenAPI 3.0; openapi-lint.test.ts makes one of 3.1.
  quick: true,
  coerceTypes: true,
  ajvOpts: { strict: false },
  customizeAjv: (ajv) => addFormats.default(ajv as never) as never,
});
await reader.init();

export interface ReadRequest {
  method: string;
  path: string;
  query: Readonly<Record<string, string>>;
  body?: object | string;
}

/**
 * What it objects to: that the server takes a request which the document does not allow, or gives another answer than it says.
 * That the server refuses more than a schema can say is no objection.
 */
export function objectionsTo(
  request: ReadRequest,
  { status, body }: { status: number; body: unknown },
): string[] {
  const { path, query } = request;
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (!isDecodable(path)) return [];
  const read = {
    method,
    path,
    query: { ...query },
    headers: { 'content-type': 'application/json' },
    ...(request.body === undefined ? {} : { body: request.body }),
  };
  const operation = reader.matchOperation(read);
  if (operation === undefined)
    return status >= 400 ? [] : [`${method} ${path} is no operation, and the answer is ${status}`];
  const mistakes = reader.validateRequest(read, operation).errors ?? [];
  // 405: another method of a path that the document has for each of two operations.
  const isRefused = status === 400 || status === 405;
  if (mistakes.length > 0 && !isRefused)
    return mistakes.map((one) => `the request was taken: ${textOf(one)}`);
  if (status >= 400) return [];
  return (reader.validateResponse(body, operation, status).errors ?? []).map(textOf);
}

function textOf({ instancePath = '', message = '' }: { instancePath?: string; message?: string }): string {
  return `${instancePath} ${message}`;
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
