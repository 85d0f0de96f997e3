import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach } from 'vitest';
import type { DropItem, DropProblem } from '../../../local/drop/drop-item.ts';
import { itemsOfPaths } from '../../../local/drop/path-items.ts';
import { type DropCounts, dropItems } from '../../../local/drop/put-items.ts';
import { BUCKET, startTestS3, type TestS3 } from './s3.ts';

export let folder: string;
export let s3: TestS3;
export let problems: DropProblem[];

/** Each test of the file begins with a folder and a bucket, both empty. */
export function useFolderAndBucket(): void {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drop-'));
    s3 = await startTestS3();
    problems = [];
  });
  afterEach(async () => {
    await s3.close();
    await rm(folder, { recursive: true });
  });
}

export const onProblem = (problem: DropProblem): void => {
  problems.push(problem);
};

export function target() {
  return { s3: s3.client, bucket: BUCKET, prefix: 'default/' };
}

export function drop(paths: string[], dataDir = tmpdir()): Promise<DropCounts> {
  return dropItems(itemsOfPaths(paths, { prefix: 'default/', dataDir, onProblem }), target(), {
    onProblem,
  });
}

export async function write(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, content);
  return path;
}

/** Keys that were put, without `default/` and the hash of the folder that the path lies in. */
export function putKeys(): string[] {
  const keys = s3.requests.filter(({ method }) => method === 'PUT').map(({ key }) => key);
  return keys.map((key) => key.replace(/^default\/[0-9a-f]{16}\//, ''));
}

export function itemOf(key: string, content: () => Readable, sizeBytes: number): DropItem {
  return {
    key,
    sizeBytes,
    path: key,
    isMarker: false,
    open: async () => content(),
  };
}

export async function* listed<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
