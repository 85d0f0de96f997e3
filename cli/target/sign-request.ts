import { LambdaClient } from '@aws-sdk/client-lambda';
import { SignatureV4 } from '@smithy/signature-v4';

/** Headers of a request to API Gateway that IAM authorizes: AWS Signature Version 4, with the credentials of the shell. */
export async function signRequest({
  method,
  url,
  headers,
  body,
  region,
}: {
  method: string;
  url: URL;
  headers: Readonly<Record<string, string>>;
  body?: string;
  region: string;
}): Promise<Record<string, string>> {
  // Any client of the SDK finds the credentials, as the AWS CLI does.
  const { credentials, sha256 } = new LambdaClient({ region }).config;
  const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256 });
  const request = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { ...headers, host: url.host },
    ...(body === undefined ? {} : { body }),
  });
  return request.headers;
}
