import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { NODE_BUNDLE } from '../infra/bundle.ts';

const CLIENTS = `
export { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
export { DynamoDBClient } from '@aws-sdk/client-dynamodb';
`;

/** Bundles the clients of S3 and DynamoDB and nothing else: what no function of this project could be far below. */
export function bundleFloor(outDir: string): string {
  const path = join(outDir, 'floor.mjs');
  buildSync({
    stdin: { contents: CLIENTS, resolveDir: fileURLToPath(new URL('..', import.meta.url)) },
    outfile: path,
    ...NODE_BUNDLE,
    target: 'node24',
  });
  return path;
}
