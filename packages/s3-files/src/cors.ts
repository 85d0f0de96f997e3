import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendEmpty } from './exchange.ts';
import { S3Error } from './s3-error.ts';

/** As a rule of the CORS configuration of a bucket. Source: Amazon S3 user guide, "Elements of a CORS configuration". */
export interface CorsRule {
  methods: readonly string[];
  requestHeaders: readonly string[];
  exposedHeaders: readonly string[];
  maxAgeSeconds: number;
}

export interface CorsOptions {
  /** Pages of this machine, such as `http://127.0.0.1:4800`. Asked at each request: their port may be known later. */
  origins(): readonly string[];
  /** By the name of the bucket. */
  rules: Readonly<Record<string, CorsRule>>;
}

/**
 * Says in the answer that the page may read it, and answers a preflight request: then there is nothing else to do. No web page gets
 * here but one of `origins` (`s3-guard.ts`).
 * @throws S3Error for what no rule allows. S3 would serve it, and the browser keep it from the page
 */
export function answerCors(
  { rules }: CorsOptions,
  bucket: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): 'answered' | 'goes on' {
  const { origin } = request.headers;
  if (origin === undefined) return 'goes on';
  const isPreflight = request.method === 'OPTIONS';
  const rule = bucket !== undefined && Object.hasOwn(rules, bucket) ? rules[bucket] : undefined;
  const wanted = isPreflight ? headerOf(request, 'access-control-request-method') : request.method;
  const headers = headerOf(request, 'access-control-request-headers')
    .toLowerCase()
    .split(/\s*,\s*/)
    .filter(Boolean);
  const isAllowed =
    rule?.methods.includes(wanted ?? '') === true &&
    headers.every((name) => rule.requestHeaders.some((one) => one.toLowerCase() === name));
  if (rule === undefined || !isAllowed)
    throw new S3Error(403, 'AccessForbidden', 'CORSResponse: This CORS request is not allowed.');
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', rule.exposedHeaders.join(', '));
  response.setHeader('vary', 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method');
  if (!isPreflight) return 'goes on';
  response.setHeader('access-control-allow-methods', rule.methods.join(', '));
  if (headers.length > 0) response.setHeader('access-control-allow-headers', headers.join(', '));
  response.setHeader('access-control-max-age', rule.maxAgeSeconds);
  sendEmpty(response, 200);
  return 'answered';
}

function headerOf({ headers }: IncomingMessage, name: string): string {
  return String(headers[name] ?? '');
}
