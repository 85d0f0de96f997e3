import type { S3Client } from '@aws-sdk/client-s3';
import * as z from '../../functions/shared/schema.ts';
import { isOfThisMachine } from '../../local/host/console-address.ts';
import { UsageError } from '../../local/options/usage-error.ts';
import { ApiCallError } from '../target/api-answer.ts';
import type { CallApi } from '../target/call-api.ts';
import { refuseUnknown, sourcesOf } from '../target/known-names.ts';
import type { Target } from '../target/target.ts';

/** Where scans go: a bucket that this machine can write, or links that the API makes. */
export type DropPlace =
  | { kind: 'bucket'; s3: S3Client; bucket: string; prefix: string }
  | { kind: 'links'; source: string };

const host = z.object({
  s3Endpoint: z.string(),
  region: z.string(),
  bucket: z.string(),
  sources: z.array(z.object({ name: z.string(), prefix: z.string() })),
});

/** @throws ApiCallError with what to do; UsageError for a source that is not there */
export async function findDropPlace(
  target: Target,
  call: CallApi,
  source: string | undefined,
): Promise<DropPlace> {
  if (target.kind === 'stack') return bucketOfStack(target, source);
  const local = target.kind === 'http' ? await bucketOfHost(call, source) : undefined;
  if (local !== undefined) return local;
  return { kind: 'links', source: await sourceNamed(call, source) };
}

/** The name of a source; of the only one where none is given. @throws ApiCallError; UsageError for another name */
export async function sourceNamed(call: CallApi, wanted: string | undefined): Promise<string> {
  return oneOf(await sourcesOf(call), wanted).name;
}

/** `undefined` if the API is not that of a host on one machine. */
async function bucketOfHost(call: CallApi, source: string | undefined): Promise<DropPlace | undefined> {
  const answer = await call({ method: 'GET', path: '/local/drop' }).catch((error: unknown) => {
    if (error instanceof ApiCallError && (error.status === 404 || error.status === 403)) return undefined;
    throw error;
  });
  if (answer === undefined) return undefined;
  const { s3Endpoint, region, bucket, sources } = host.parse(answer);
  if (!isOfThisMachine(s3Endpoint))
    throw new ApiCallError(
      'expected the host to name an S3 endpoint on this machine, got another: nothing was dropped; check --api and --data-dir',
    );
  const { S3Client } = await import('@aws-sdk/client-s3');
  // The host takes any credentials.
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const s3 = new S3Client({ endpoint: s3Endpoint, region, credentials, forcePathStyle: true });
  return { kind: 'bucket', s3, bucket, prefix: oneOf(sources, source).prefix };
}

async function bucketOfStack(
  target: Extract<Target, { kind: 'stack' }>,
  source: string | undefined,
): Promise<DropPlace> {
  const { readStack } = await import('../target/stack.ts');
  const { S3Client } = await import('@aws-sdk/client-s3');
  const { SSMClient } = await import('@aws-sdk/client-ssm');
  const { createSourcesLoader } = await import('../../functions/aws/sources.ts');
  const { outputs, region } = await readStack(target);
  const ssm = new SSMClient({ region });
  const path = outputs['SourcesPath'] ?? '';
  const { loadSources } = createSourcesLoader(
    ssm,
    path,
    () => new Date(),
    () => {},
  );
  const sources = await loadSources().catch((cause: unknown) => {
    throw new ApiCallError(
      `expected to read the sources below ${path}, and AWS refused or was not reached: the caller needs ssm:GetParametersByPath`,
      { cause },
    );
  });
  const { prefix } = oneOf(sources, source);
  return { kind: 'bucket', s3: new S3Client({ region }), bucket: outputs['DropBucketName'] ?? '', prefix };
}

function oneOf<Source extends { name: string }>(
  sources: readonly Source[],
  wanted: string | undefined,
): Source {
  const [only] = sources;
  if (wanted === undefined && sources.length === 1 && only !== undefined) return only;
  const names = sources.map(({ name }) => name);
  refuseUnknown('source', wanted, names);
  const found = sources.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  throw new UsageError([`expected --source, because there are several: ${names.join(', ')}`]);
}
