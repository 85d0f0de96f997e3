import { defined } from '../../functions/shared/defined.ts';
import { type Answer, ApiCallError, answerOf, parseJson } from './api-answer.ts';
import type { Target } from './target.ts';

export { ApiCallError } from './api-answer.ts';

export interface ApiRequest {
  method: 'GET' | 'POST';
  /** For example `/v1/dead-letters`. */
  path: string;
  query?: Readonly<Record<string, string>>;
  body?: object;
}

/** Calls the HTTP API and returns the JSON of a 2xx answer. @throws ApiCallError for every other outcome */
export type CallApi = (request: ApiRequest) => Promise<unknown>;

/** A call of the API takes 30 s at most. */
const TIMEOUT_MS = 60_000;

export async function createApiCaller(target: Target): Promise<CallApi> {
  switch (target.kind) {
    case 'http':
      return overHttp(target.baseUrl, target.region);
    case 'function':
      return byFunction(target.name, target.region);
    case 'stack': {
      const { readStack } = await import('./stack.ts');
      const { outputs, region } = await readStack(target);
      // Without an HTTP API of its own, the function answers.
      return outputs['ApiUrl'] === undefined
        ? byFunction(outputs['ApiFunctionName'] ?? '', region)
        : overHttp(outputs['ApiUrl'], region);
    }
    default:
      return target satisfies never;
  }
}

function overHttp(baseUrl: string, region: string | undefined): CallApi {
  return async (request) => {
    const { method, path, query, body } = request;
    const url = new URL(path, baseUrl);
    // Not by `searchParams`: its `+` for a space is a plus to a signature.
    url.search = Object.entries(query ?? {})
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join('&');
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const headers =
      region === undefined ? type : await signed({ method, url, headers: type, region, ...content });
    const response = await fetch(url, {
      method,
      headers,
      ...content,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((cause: unknown) => {
      throw new ApiCallError(
        `expected the API at ${url.origin} to answer, and it was not reached: start the host (npm start), or name another by --stack, --api or --function`,
        { cause },
      );
    });
    return answerOf(response.status, await response.text());
  };
}

async function signed(request: Parameters<typeof import('./sign-request.ts').signRequest>[0]) {
  const { signRequest } = await import('./sign-request.ts');
  return signRequest(request).catch((cause: unknown) => {
    throw new ApiCallError(
      'expected AWS credentials to sign the request with, found none: sign in (aws sts get-caller-identity shows whether it worked)',
      { cause },
    );
  });
}

/** With the credentials that the AWS SDK finds (environment, profile, SSO), and its region if none is given. */
async function byFunction(name: string, region: string | undefined): Promise<CallApi> {
  const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
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
    const result = parseJson(Buffer.from(Payload ?? []).toString('utf8'));
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

function isAnswer(value: unknown): value is Answer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'statusCode' in value &&
    typeof value.statusCode === 'number' &&
    'body' in value &&
    typeof value.body === 'string'
  );
}
