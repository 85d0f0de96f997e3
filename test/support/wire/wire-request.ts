import type { IncomingMessage } from 'node:http';
import type { Caller, Service } from './wire-rule.ts';

/** A whole request, with what the rules ask about. */
export interface WireRequest {
  service: Service;
  operation: string;
  by: Caller;
  method: string;
  /** With the query. */
  path: string;
  headers: Record<string, string>;
  body: Buffer;
  /** Where `mentions` looks. */
  text: string;
}

/** Rejects when the caller goes away in the middle. */
export async function readWireRequest(service: Service, incoming: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const { method = 'GET', url: path = '/' } = incoming;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    // The proxy has answered `Expect: 100-continue` itself, and sends what it holds whole.
    if (value === undefined || name === 'expect' || name === 'transfer-encoding') continue;
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  if (body.length > 0) headers['content-length'] = String(body.length);
  return {
    service,
    operation: operationOf(service, method, path, headers),
    // The SDK tells AWS_EXECUTION_ENV in its user agent; Qure is called by functions alone.
    by:
      service === 'qure' || service === 'assets' || headers['user-agent']?.includes('exec-env/AWS_Lambda')
        ? 'function'
        : 'host',
    method,
    path,
    headers,
    body,
    text: `${path}\n${body.toString('latin1')}`,
  };
}

function operationOf(
  service: Service,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): string {
  switch (service) {
    case 'sqs':
    case 'dynamodb':
      return headers['x-amz-target']?.split('.')[1] ?? 'unknown';
    case 's3':
      return s3Operation(method, new URL(path, 'http://127.0.0.1'), headers['range'] !== undefined);
    case 'qure':
      if (method === 'POST') return 'upload';
      return /\/(compute|results)\//.exec(path)?.[1] ?? 'unknown';
    case 'assets':
      return 'asset';
    default:
      return service satisfies never;
  }
}

/** Path style: `/bucket/key`. */
function s3Operation(method: string, { pathname, searchParams }: URL, hasRange: boolean): string {
  const hasKey = pathname.split('/').slice(2).join('/') !== '';
  if (!hasKey) return method === 'GET' ? 'ListObjectsV2' : `${method} bucket`;
  if (searchParams.has('uploads')) return 'CreateMultipartUpload';
  if (searchParams.has('uploadId')) {
    const byMethod: Record<string, string> = {
      PUT: 'UploadPart',
      POST: 'CompleteMultipartUpload',
      DELETE: 'AbortMultipartUpload',
    };
    return byMethod[method] ?? 'ListParts';
  }
  const byMethod: Record<string, string> = {
    GET: hasRange ? 'GetObject range' : 'GetObject',
    HEAD: 'HeadObject',
    PUT: 'PutObject',
    DELETE: 'DeleteObject',
  };
  return byMethod[method] ?? method;
}
