import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { defined } from '../../functions/shared/defined.ts';
import type { ApiPlace } from './command-line.ts';

export interface ApiRequest {
  method: 'GET' | 'POST';
  /** For example `/v1/dead-letters`. */
  path: string;
  query?: Readonly<Record<string, string>>;
  body?: object;
}

/** Calls the HTTP API and returns the JSON of a 2xx answer. @throws ApiCallError for every other outcome */
export type CallApi = (request: ApiRequest) => Promise<unknown>;

/** The API was not reached, or refused. The message is for the user of the command. */
export class ApiCallError extends Error {
  override name = 'ApiCallError';
}

/** A call of the API takes 30 s at most. */
const TIMEOUT_MS = 60_000;

export function createApiCaller(place: ApiPlace): CallApi {
  return place.kind === 'http' ? overHttp(place.baseUrl) : byFunction(place.name, place.region);
}

function overHttp(baseUrl: string): CallApi {
  return async ({ method, path, query, body }) => {
    const url = new URL(path, baseUrl);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    const response = await fetch(url, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    }).catch((cause: unknown) => {
      throw new ApiCallError(
        'expected the API to answer, and it was not reached: start the host (npm start), or name another by --api or --function',
        { cause },
      );
    });
    return answerOf(response.status, await response.text());
  };
}

/** With the credentials that the AWS SDK finds (environment, profile, SSO), and its region if none is given. */
function byFunction(name: string, region: string | undefined): CallApi {
  const client = new LambdaClient(defined({ region }));
  return async (request) => {
    const command = new InvokeCommand({
      FunctionName: name,
      Payload: Buffer.from(JSON.stringify(eventOf(request))),
    });
    const { Payload } = await client
      .send(command, { abortSignal: AbortSignal.timeout(TIMEOUT_MS) })
      .catch((cause: unknown) => {
        throw new ApiCallError(
          'expected the function to be invoked, and AWS refused or was not reached: check the credentials (aws sts get-caller-identity), the permission to invoke it, its name and the region',
          { cause },
        );
      });
    const result = parse(Buffer.from(Payload ?? []).toString('utf8'));
    if (!isAnswer(result))
      throw new ApiCallError('expected an answer of the API function; see its log, or check --function');
    return answerOf(result.statusCode, result.body);
  };
}

/** The parts of an API Gateway event (payload format 2.0) that the function reads. */
export function eventOf({ method, path, query, body }: ApiRequest): object {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: new URLSearchParams(query).toString(),
    headers: {},
    ...defined({ queryStringParameters: query }),
    requestContext: { http: { method, path } },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    isBase64Encoded: false,
  };
}

function answerOf(status: number, text: string): unknown {
  const value = parse(text);
  if (status >= 200 && status < 300 && value !== undefined) return value;
  const told =
    typeof value === 'object' && value !== null && 'detail' in value && typeof value.detail === 'string'
      ? value.detail
      : 'no reason given';
  throw new ApiCallError(`the API answered ${status}: ${told}`);
}

function isAnswer(value: unknown): value is { statusCode: number; body: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'statusCode' in value &&
    typeof value.statusCode === 'number' &&
    'body' in value &&
    typeof value.body === 'string'
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
