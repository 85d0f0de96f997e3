import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { defined } from '../../functions/shared/defined.ts';

/** An HTTP request as the console server has read it. */
export interface ReceivedRequest {
  method: string;
  /** Path and query as they came, percent-encoded. */
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Address of the client. */
  sourceIp: string;
  now: Date;
}

/**
 * The event that an API Gateway HTTP API sends to its function (AWS, "Create AWS Lambda proxy integrations for HTTP
 * APIs in API Gateway", payload format 2.0): header names in lower case, repeated headers and query values joined by
 * commas, cookies separate, a body that is not text in base64. HEAD becomes GET: the server omits the body.
 */
export function apiEventOf(request: ReceivedRequest): APIGatewayProxyEventV2 {
  const at = request.url.indexOf('?');
  const rawPath = at === -1 ? request.url : request.url.slice(0, at);
  const rawQueryString = at === -1 ? '' : request.url.slice(at + 1);
  const { cookie, ...headers } = request.headers;
  const domainName = request.headers.host ?? 'localhost';
  const query = queryParameters(rawQueryString);
  const isText = isTextType(request.headers['content-type']);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    ...(cookie === undefined ? {} : { cookies: cookie.split('; ') }),
    headers: joined(headers),
    ...defined({ queryStringParameters: query }),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'local',
      domainName,
      domainPrefix: domainName.split('.', 1)[0] ?? domainName,
      http: {
        method: request.method === 'HEAD' ? 'GET' : request.method,
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: commonLogTime(request.now),
      timeEpoch: request.now.getTime(),
    },
    ...(request.body.length === 0 ? {} : { body: request.body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: request.body.length > 0 && !isText,
  };
}

function joined(headers: IncomingHttpHeaders): Record<string, string> {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(',') : value] as const],
  );
  return Object.fromEntries(entries);
}

function queryParameters(rawQueryString: string): Record<string, string> | undefined {
  if (rawQueryString === '') return undefined;
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    const earlier = values.get(name);
    values.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return Object.fromEntries(values);
}

function isTextType(contentType: string | undefined): boolean {
  return /^(?:text\/|application\/(?:[\w.+-]+\+)?(?:json|xml|javascript)\b)/i.test(contentType ?? '');
}

/** `12/Mar/2026:19:03:58 +0000` */
function commonLogTime(now: Date): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(now.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
