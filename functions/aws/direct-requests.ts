import type { Readable } from 'node:stream';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';

type Client = S3Client | DynamoDBClient;
type Signer = Awaited<ReturnType<Client['config']['signer']>>;
export type HttpRequest = Parameters<Client['config']['requestHandler']['handle']>[0];

export interface DirectAnswer {
  status: number;
  bytes: Uint8Array;
  headers: Readonly<Record<string, string | undefined>>;
}

/**
 * Sends what `make` makes of an earlier request of the client. `undefined`: the client has sent none yet, or the answer has none of
 * these statuses or did not come whole. Then the SDK has to send it, with its retries and its errors.
 */
export type SendDirectly<Input> = (
  make: (pattern: Pattern<Input>) => Partial<HttpRequest>,
  statuses: readonly number[],
) => Promise<DirectAnswer | undefined>;

/** An earlier request, with the input that the SDK has made it from. */
export interface Pattern<Input> {
  request: HttpRequest;
  input: Input;
}

/** Of one request each. The signer replaces its own. */
const HEADERS_OF_ONE = [
  'amz-sdk-invocation-id',
  'amz-sdk-request',
  'x-amzn-trace-id',
  'x-amz-security-token',
];

/**
 * Requests without the layers of the SDK, which are two thirds of the CPU time of a request. The endpoint, the signer, the
 * credentials and the connections are those of the client.
 */
export function createDirectRequests<Input extends object>(
  client: Client,
  isPattern: (commandName: string | undefined, input: Input) => boolean,
): SendDirectly<Input> {
  const { config } = client;
  let known: (Pattern<Input> & { signer: Signer }) | undefined;
  const { middlewareStack } = client as S3Client;
  middlewareStack.add(
    (next, context) => async (args) => {
      const input = args.input as Input;
      const scheme = context.authSchemes?.[0];
      // DynamoDB names no scheme; a directory bucket of S3 has its own.
      const isSigV4 = scheme === undefined || scheme.name === 'sigv4';
      const output = await next(args);
      if (known === undefined && isSigV4 && isPattern(context.commandName, input)) {
        const request = patternOf(args.request as HttpRequest);
        known = { request, input, signer: await config.signer(scheme) };
      }
      return output;
    },
    // The last step before it is sent.
    { step: 'finalizeRequest', priority: 'low', name: 'directRequests' },
  );
  return async (make, statuses) => {
    if (known === undefined) return undefined;
    try {
      const request = { ...known.request, ...make(known) };
      const signingDate = new Date(Date.now() + config.systemClockOffset);
      const signed = await known.signer.sign(request, { signingDate });
      const { response } = await config.requestHandler.handle(signed as HttpRequest);
      const { statusCode: status, headers } = response;
      const body = response.body as Readable;
      if (statuses.includes(status)) return { status, bytes: await bytesOf(body), headers };
      // A refusal is short, and read to its end the connection stays. Unasked, the whole object may come.
      if (status < 300) body.destroy();
      else body.on('error', () => {}).resume();
    } catch {
      // The SDK sends it again, and its error counts.
    }
    return undefined;
  };
}

function patternOf(request: HttpRequest): HttpRequest {
  const kept = Object.entries(request.headers).filter(
    ([name]) => !HEADERS_OF_ONE.includes(name.toLowerCase()),
  );
  return { ...request, headers: Object.fromEntries(kept), body: undefined };
}

/** Most answers are one chunk, which is not copied. A connection that ends early is an error of the body. */
function bytesOf(body: Readable): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    body.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    body.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    body.once('error', reject);
  });
}
